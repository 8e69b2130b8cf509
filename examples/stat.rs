//! x
use std::time::Instant;
fn main(){ let p=std::env::args().nth(1).unwrap(); 
fn rss()->String{ std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l|l.starts_with("VmRSS")||l.starts_with("VmHWM")).collect::<Vec<_>>().join(" ")}
let t=Instant::now(); let d=tfguard::input::document::read(&p,&Default::default()).unwrap(); let plan=&d[0].plan; eprintln!("read {:?} {}",t.elapsed(),rss());
eprintln!("lists {} list entries {} with deps {} configmods {} res {} refs {}", plan.dependency_lists.len(), plan.dependency_lists.iter().map(|l|l.len()).sum::<usize>(), plan.objects.iter().filter(|o|o.dependencies.is_some()).count(), plan.configuration.modules.len(), plan.configuration.modules.iter().map(|m|m.resources.len()).sum::<usize>(), plan.configuration.modules.iter().flat_map(|m|m.resources.values()).map(|r|r.references.len()).sum::<usize>());
let t=Instant::now(); let g=tfguard::graph::build(plan); eprintln!("graph {:?} {}",t.elapsed(),rss());
eprintln!("{:?}", g.kinds());
let t=Instant::now(); let f=g.direct_dependents(); eprintln!("fan {:?} {:?}", t.elapsed(), f.iter().max());
let opts=Default::default();
for r in tfguard::rules::RULES { let t=Instant::now(); let c=tfguard::rules::Context::new(plan,&g,"x",None,None,&opts); let mut s=tfguard::rules::Sink::new(r.meta(),"x"); r.check(&c,&mut s); eprintln!("{} {:?} {} {}", r.meta().id, t.elapsed(), s.findings.len(), rss()); }
}
