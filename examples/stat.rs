//! x
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let d = tfguard::input::document::read(&p, &Default::default()).unwrap();
    eprintln!("read {:?}", t.elapsed());
    std::mem::forget(d);
}
