//! Adjacency in two arrays, and the order of components: Tarjan, "Depth-first search and linear graph
//! algorithms" (1972), without recursion.

/// The neighbours of every node, in two arrays.
#[derive(Debug, Clone, Default)]
pub struct Csr {
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

impl Csr {
    /// From edges in any order; linear.
    pub fn new(n: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut offsets = vec![0; n + 1];
        for (from, _) in edges.clone() {
            offsets[from as usize + 1] += 1;
        }
        for node in 0..n {
            offsets[node + 1] += offsets[node];
        }
        let mut targets = vec![0; offsets[n] as usize];
        for (from, to) in edges {
            targets[offsets[from as usize] as usize] = to;
            offsets[from as usize] += 1;
        }
        // By now each list's offset is its end, which is where the next one begins.
        offsets.rotate_right(1);
        offsets[0] = 0;
        Self { offsets, targets }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The neighbours of a node.
    pub fn of(&self, node: usize) -> &[u32] {
        &self.targets[self.offsets[node] as usize..self.offsets[node + 1] as usize]
    }

    /// All edges, by their first node.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + Clone + '_ {
        (0..self.len()).flat_map(|from| self.of(from).iter().map(move |to| (small(from), *to)))
    }

    /// The same with every edge turned round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self::new(self.len(), self.edges().map(|(from, to)| (to, from)))
    }
}

/// Indexes are kept in 32 bits: a plan of four billion objects would be thirty terabytes.
pub fn small(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than four billion nodes")
}

/// The components of a graph, dependencies first: an edge leads from a component to one of a lower number.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The component of each node.
    pub component_of: Vec<u32>,
    /// The nodes of each component.
    pub members: Csr,
    /// Edges between components, each once, to their dependencies.
    pub edges: Csr,
}

impl Order {
    /// Condenses a graph; linear but for the sorting of each component's edges.
    pub fn new(graph: &Csr) -> Self {
        let component_of = Tarjan::run(graph);
        let count = component_of
            .iter()
            .max()
            .map_or(0, |last| *last as usize + 1);
        let nodes = component_of.iter().enumerate();
        let members = Csr::new(
            count,
            nodes.map(|(node, component)| (*component, small(node))),
        );
        let mut edges = Vec::new();
        for component in 0..count {
            let begin = edges.len();
            for node in members.of(component) {
                let targets = graph
                    .of(*node as usize)
                    .iter()
                    .map(|to| component_of[*to as usize]);
                edges.extend(
                    targets
                        .filter(|to| *to as usize != component)
                        .map(|to| (small(component), to)),
                );
            }
            edges[begin..].sort_unstable();
            let mut kept = begin;
            for nth in begin..edges.len() {
                if kept == begin || edges[kept - 1] != edges[nth] {
                    edges[kept] = edges[nth];
                    kept += 1;
                }
            }
            edges.truncate(kept);
        }
        let edges = Csr::new(count, edges.iter().copied());
        Self {
            component_of,
            members,
            edges,
        }
    }

    /// How many components there are.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no component has two nodes. Nodes that point at themselves are not seen here.
    pub fn is_acyclic(&self) -> bool {
        self.len() == self.component_of.len()
    }
}

const UNSEEN: u32 = u32::MAX;

struct Tarjan<'g> {
    graph: &'g Csr,
    index: Vec<u32>,
    low: Vec<u32>,
    component_of: Vec<u32>,
    stack: Vec<u32>,
    /// Nodes being visited, with the next edge to look at.
    path: Vec<(u32, u32)>,
    next_index: u32,
    next_component: u32,
}

impl<'g> Tarjan<'g> {
    fn run(graph: &'g Csr) -> Vec<u32> {
        let n = graph.len();
        let mut tarjan = Self {
            graph,
            index: vec![UNSEEN; n],
            low: vec![0; n],
            component_of: vec![UNSEEN; n],
            stack: Vec::new(),
            path: Vec::new(),
            next_index: 0,
            next_component: 0,
        };
        for node in 0..n {
            if tarjan.index[node] == UNSEEN {
                tarjan.open(small(node));
                tarjan.visit();
            }
        }
        tarjan.component_of
    }

    fn open(&mut self, node: u32) {
        self.index[node as usize] = self.next_index;
        self.low[node as usize] = self.next_index;
        self.next_index += 1;
        self.stack.push(node);
        self.path.push((node, 0));
    }

    fn visit(&mut self) {
        while let Some((node, nth)) = self.path.last().copied() {
            let at = node as usize;
            if let Some(to) = self.graph.of(at).get(nth as usize).copied() {
                if let Some(last) = self.path.last_mut() {
                    last.1 += 1;
                }
                if self.index[to as usize] == UNSEEN {
                    self.open(to);
                } else if self.component_of[to as usize] == UNSEEN {
                    self.low[at] = self.low[at].min(self.index[to as usize]);
                }
            } else {
                self.path.pop();
                self.close(node);
            }
        }
    }

    fn close(&mut self, node: u32) {
        let low = self.low[node as usize];
        if let Some((parent, _)) = self.path.last() {
            let parent = *parent as usize;
            self.low[parent] = self.low[parent].min(low);
        }
        if low == self.index[node as usize] {
            while let Some(member) = self.stack.pop() {
                self.component_of[member as usize] = self.next_component;
                if member == node {
                    break;
                }
            }
            self.next_component += 1;
        }
    }
}
