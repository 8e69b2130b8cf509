//! The statements of DOT: nodes, edges, subgraphs, attributes.
//!
//! Of the attributes only two matter: the `label` of a node, and the `color` of an edge. Terraform gives a color to the
//! edges it draws along a cycle (`-draw-cycles`): those follow the order of a listing and are no dependencies.

use super::build::{Builder, tidy};
use super::lexer::{Lexer, Stop, Token};
use super::window::Window;
use std::io::Read;
use std::ops::Range;

/// Subgraphs within subgraphs.
const DEPTH: usize = 200;

/// Edges that the subgraphs of one file may make as ends of edges: `{a b} -> {c d}` makes four.
const PRODUCT: usize = 10_000_000;

/// One end of an edge.
#[derive(Clone)]
enum End {
    Node(u32),
    /// The nodes of a subgraph, as a part of [`Parser::members`].
    Set(Range<usize>),
}

/// What the attributes of a statement say.
#[derive(Default)]
struct Attributes {
    label: Option<Box<str>>,
    color: bool,
}

/// Reads a graph into a [`Builder`].
pub(super) struct Parser<R> {
    lexer: Lexer<R>,
    graph: Builder,
    depth: usize,
    /// The ends of the edge statements that are being read: one statement may stand inside another's subgraph.
    ends: Vec<End>,
    /// Nodes named inside the subgraphs that are being read, some of them often.
    members: Vec<u32>,
    /// Where the nodes of the innermost of them begin.
    level: usize,
    /// Edges made by subgraphs.
    made: usize,
}

/// A graph that was read, and whether its header names it.
pub(super) struct Parsed {
    pub(super) graph: Builder,
    pub(super) named: bool,
}

impl<R: Read> Parser<R> {
    pub(super) fn new(window: Window<R>) -> Self {
        Self {
            lexer: Lexer::new(window),
            graph: Builder::default(),
            depth: 0,
            ends: Vec::new(),
            members: Vec::new(),
            level: 0,
            made: 0,
        }
    }

    /// The window, for errors and for what stands around the graph.
    pub(super) fn window(&mut self) -> &mut Window<R> {
        self.lexer.window()
    }

    /// The first byte behind the graph.
    pub(super) fn ahead(&mut self) -> Result<Option<u8>, Stop> {
        self.lexer.ahead()
    }

    /// Reads the graph, from `digraph` to its last brace.
    pub(super) fn graph(&mut self) -> Result<Parsed, Stop> {
        let mut token = self.lexer.next()?;
        if self.keyword(token, b"strict") {
            token = self.lexer.next()?;
        }
        if self.keyword(token, b"graph") {
            return self
                .lexer
                .wrong("an undirected graph does not say who waits for whom");
        }
        if !self.keyword(token, b"digraph") {
            return self.lexer.wrong("expected digraph");
        }
        let mut open = self.lexer.next()?;
        let named = matches!(open, Token::Word | Token::Quoted);
        if named {
            open = self.lexer.next()?;
        }
        self.expect(open, Token::OpenBrace, "expected {")?;
        self.statements()?;
        let graph = std::mem::take(&mut self.graph);
        Ok(Parsed { graph, named })
    }

    fn expect(&mut self, token: Token, wanted: Token, what: &'static str) -> Result<(), Stop> {
        match token {
            Token::End => Err(Stop::End("the graph")),
            token if token == wanted => Ok(()),
            _ => self.lexer.wrong(what),
        }
    }

    /// Whether the token is this keyword, in any case. In quotes it would be a name.
    fn keyword(&self, token: Token, word: &[u8]) -> bool {
        token == Token::Word && self.lexer.text().eq_ignore_ascii_case(word)
    }

    fn statements(&mut self) -> Result<(), Stop> {
        loop {
            match self.lexer.next()? {
                Token::CloseBrace => return Ok(()),
                Token::Semicolon => {}
                token => self.statement(token)?,
            }
            if self.depth == 0 {
                self.members.clear();
            }
        }
    }

    fn statement(&mut self, token: Token) -> Result<(), Stop> {
        let named = matches!(token, Token::Word | Token::Quoted);
        if named && self.lexer.ahead()? == Some(b'=') {
            self.lexer.next()?;
            self.value()
        } else if [&b"node"[..], b"edge", b"graph"]
            .iter()
            .any(|word| self.keyword(token, word))
        {
            self.attributes().map(drop)
        } else {
            self.chain(token)
        }
    }

    /// The value behind a `=`.
    fn value(&mut self) -> Result<(), Stop> {
        match self.lexer.next()? {
            Token::Word | Token::Quoted => Ok(()),
            Token::End => Err(Stop::End("the graph")),
            _ => self.lexer.wrong("expected a value"),
        }
    }

    /// A node, a subgraph, or edges between them, with the attributes of them all.
    fn chain(&mut self, first: Token) -> Result<(), Stop> {
        let from = self.ends.len();
        let end = self.end(first)?;
        self.ends.push(end);
        while self.lexer.edge_ahead()? {
            if self.lexer.next()? != Token::Arrow {
                return self.lexer.wrong("a digraph has -> between its nodes");
            }
            let token = self.lexer.next()?;
            let end = self.end(token)?;
            self.ends.push(end);
        }
        let attributes = self.attributes()?;
        match &self.ends[from..] {
            [End::Node(id)] => self.graph.declare(*id, attributes.label),
            _ if attributes.color => self.mark(from),
            _ => self.join(from)?,
        }
        self.ends.truncate(from);
        Ok(())
    }

    /// An edge with a colour marks a circle.
    fn mark(&mut self, from: usize) {
        for pair in self.ends[from..].windows(2) {
            if let [End::Node(a), End::Node(b)] = pair {
                self.graph.mark(*a, *b);
            }
        }
    }

    /// Makes the edges of a chain whose ends begin at `from`.
    fn join(&mut self, from: usize) -> Result<(), Stop> {
        for at in from + 1..self.ends.len() {
            if let (End::Node(a), End::Node(b)) = (&self.ends[at - 1], &self.ends[at]) {
                self.graph.edge(*a, *b);
                continue;
            }
            let (tails, heads) = (self.nodes(at - 1), self.nodes(at));
            self.made = self
                .made
                .saturating_add(tails.len().saturating_mul(heads.len()));
            if self.made > PRODUCT {
                return self
                    .lexer
                    .wrong("subgraphs make more than ten million edges up to here");
            }
            for tail in tails {
                for head in &heads {
                    self.graph.edge(tail, *head);
                }
            }
        }
        Ok(())
    }

    /// The nodes of an end, each once.
    fn nodes(&self, end: usize) -> Vec<u32> {
        match &self.ends[end] {
            End::Node(id) => vec![*id],
            End::Set(members) => {
                let mut nodes = self.members[members.clone()].to_vec();
                nodes.sort_unstable();
                nodes.dedup();
                nodes
            }
        }
    }

    fn end(&mut self, token: Token) -> Result<End, Stop> {
        match token {
            Token::OpenBrace => self.subgraph(),
            Token::Word if self.keyword(token, b"subgraph") => {
                let mut open = self.lexer.next()?;
                if matches!(open, Token::Word | Token::Quoted) {
                    open = self.lexer.next()?;
                }
                self.expect(open, Token::OpenBrace, "expected {")?;
                self.subgraph()
            }
            Token::Word | Token::Quoted => self.node(),
            Token::End => Err(Stop::End("the graph")),
            _ => self
                .lexer
                .wrong("expected a node, an edge, a subgraph or an attribute"),
        }
    }

    /// A node, whose ports do not matter.
    fn node(&mut self) -> Result<End, Stop> {
        let Some(id) = self.graph.node(self.lexer.text()) else {
            return self.lexer.wrong("more names than tfguard can count");
        };
        if self.depth > 0 && self.members[self.level..].last() != Some(&id) {
            self.members.push(id);
        }
        while self.lexer.ahead()? == Some(b':') {
            self.lexer.next()?;
            self.value()?;
        }
        Ok(End::Node(id))
    }

    /// A subgraph behind its opening brace.
    fn subgraph(&mut self) -> Result<End, Stop> {
        if self.depth == DEPTH {
            return self.lexer.wrong("subgraphs are nested too deeply");
        }
        let from = self.members.len();
        let outside = std::mem::replace(&mut self.level, from);
        self.depth += 1;
        self.statements()?;
        self.depth -= 1;
        self.level = outside;
        Ok(End::Set(from..self.members.len()))
    }

    /// The attribute lists behind a statement: none, one or several.
    fn attributes(&mut self) -> Result<Attributes, Stop> {
        let mut attributes = Attributes::default();
        while self.lexer.ahead()? == Some(b'[') {
            self.lexer.next()?;
            self.attribute_list(&mut attributes)?;
        }
        Ok(attributes)
    }

    fn attribute_list(&mut self, attributes: &mut Attributes) -> Result<(), Stop> {
        loop {
            match self.lexer.next()? {
                Token::CloseBracket => return Ok(()),
                Token::Semicolon | Token::Comma => {}
                Token::Word | Token::Quoted => self.attribute(attributes)?,
                Token::End => return Err(Stop::End("the attributes of a node or edge")),
                _ => return self.lexer.wrong("expected an attribute or ]"),
            }
        }
    }

    fn attribute(&mut self, attributes: &mut Attributes) -> Result<(), Stop> {
        let label = self.lexer.text() == b"label";
        attributes.color |= self.lexer.text() == b"color";
        if self.lexer.ahead()? != Some(b'=') {
            return Ok(());
        }
        self.lexer.next()?;
        self.value()?;
        if label {
            attributes.label = Some(tidy(self.lexer.text()).into());
        }
        Ok(())
    }
}
