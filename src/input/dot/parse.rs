//! The statements of DOT: nodes, edges, subgraphs, attributes.

use super::lexer::{Lexer, Token, Wrong};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;
use std::io::Read;

/// Deeper nesting of subgraphs is no graph of Terraform's.
const DEEPEST: usize = 100;
/// `{a b} -> {c d}` multiplies; this many edges are enough.
const MOST_EDGES: usize = 50_000_000;

/// Nodes by name, and edges between them.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) names: Vec<Box<str>>,
    /// From the one that waits to the one it waits for.
    pub(super) edges: Vec<(u32, u32)>,
    /// Whether the graph has a name: Terraform's short form since 1.7 is `digraph G`.
    pub(super) named: bool,
}

pub(super) struct Parser<R> {
    pub(super) lexer: Lexer<R>,
    next: Token,
    table: HashTable<u32>,
    hasher: RandomState,
    parsed: Parsed,
}

impl<R: Read> Parser<R> {
    pub(super) fn new(lexer: Lexer<R>) -> Self {
        Self {
            lexer,
            next: Token::End,
            table: HashTable::new(),
            hasher: RandomState::default(),
            parsed: Parsed::default(),
        }
    }

    /// Reads a whole graph.
    pub(super) fn graph(&mut self) -> Result<Parsed, Wrong> {
        self.advance()?;
        if self.is_word("strict") {
            self.advance()?;
        }
        if !self.is_word("digraph") && !self.is_word("graph") {
            return Err(self.lexer.wrong("expected digraph"));
        }
        self.advance()?;
        if matches!(self.next, Token::Word | Token::Name) {
            self.parsed.named = true;
            self.advance()?;
        }
        self.expect(b'{')?;
        self.statements(0)?;
        if self.next != Token::End {
            return Err(self.lexer.wrong("more text after the end of the graph"));
        }
        Ok(std::mem::take(&mut self.parsed))
    }

    fn advance(&mut self) -> Result<(), Wrong> {
        self.next = self.lexer.next()?;
        Ok(())
    }

    fn is_word(&self, word: &str) -> bool {
        self.next == Token::Word && self.lexer.text.eq_ignore_ascii_case(word)
    }

    fn expect(&mut self, sign: u8) -> Result<(), Wrong> {
        if self.next != Token::Sign(sign) {
            return Err(self.lexer.wrong(match sign {
                b'{' => "expected {",
                b']' => "expected ]",
                _ => "expected another sign",
            }));
        }
        self.advance()
    }

    /// Statements up to the closing brace; the nodes named in them.
    fn statements(&mut self, depth: usize) -> Result<Vec<u32>, Wrong> {
        let mut inside = Vec::new();
        loop {
            match self.next {
                Token::Sign(b'}') => {
                    self.advance()?;
                    return Ok(inside);
                }
                Token::Sign(b';' | b',') => self.advance()?,
                Token::End => {
                    return Err(self.lexer.wrong("the graph does not end: it was cut off"));
                }
                Token::Word
                    if ["graph", "node", "edge"]
                        .iter()
                        .any(|word| self.is_word(word)) =>
                {
                    self.advance()?;
                    self.attributes()?;
                }
                _ => {
                    let named = self.statement(depth)?;
                    if depth > 0 {
                        inside.extend(named);
                    }
                }
            }
        }
    }

    /// A node, an edge, a subgraph, or `a = b`; the nodes named in it.
    fn statement(&mut self, depth: usize) -> Result<Vec<u32>, Wrong> {
        let Some(first) = self.operand(depth)? else {
            return Ok(Vec::new());
        };
        if !matches!(self.next, Token::Arrow | Token::Line) {
            self.attributes()?;
            return Ok(first);
        }
        let (mut chain, mut all) = (vec![first.clone()], first);
        while matches!(self.next, Token::Arrow | Token::Line) {
            self.advance()?;
            let operand = self.operand(depth)?;
            let operand =
                operand.ok_or_else(|| self.lexer.wrong("expected a node after the arrow"))?;
            all.extend(&operand);
            chain.push(operand);
        }
        // `-draw-cycles` marks cycles with coloured edges that are no dependencies.
        if !self.attributes()? {
            for pair in chain.windows(2) {
                self.edges(&pair[0], &pair[1])?;
            }
        }
        Ok(all)
    }

    fn edges(&mut self, from: &[u32], to: &[u32]) -> Result<(), Wrong> {
        if self.parsed.edges.len() + from.len() * to.len() > MOST_EDGES {
            return Err(self.lexer.wrong("more edges than tfguard takes"));
        }
        for from in from {
            self.parsed.edges.extend(to.iter().map(|to| (*from, *to)));
        }
        Ok(())
    }

    /// A node or a subgraph; nothing for `a = b`.
    fn operand(&mut self, depth: usize) -> Result<Option<Vec<u32>>, Wrong> {
        let subgraph = self.is_word("subgraph");
        if subgraph {
            self.advance()?;
            if matches!(self.next, Token::Word | Token::Name) {
                self.advance()?;
            }
        }
        if self.next == Token::Sign(b'{') {
            if depth >= DEEPEST {
                return Err(self.lexer.wrong("subgraphs nested too deep"));
            }
            self.advance()?;
            return self.statements(depth + 1).map(Some);
        }
        if subgraph {
            return Ok(Some(Vec::new()));
        }
        if !matches!(self.next, Token::Word | Token::Name) {
            return Err(self.lexer.wrong("expected a node"));
        }
        let name = std::mem::take(&mut self.lexer.text);
        self.advance()?;
        if self.next == Token::Sign(b'=') {
            self.advance()?;
            self.advance()?;
            return Ok(None);
        }
        while self.next == Token::Sign(b':') {
            self.advance()?;
            self.advance()?;
        }
        Ok(Some(vec![self.node(&name)]))
    }

    fn node(&mut self, name: &str) -> u32 {
        let hash = self.hasher.hash_one(name);
        let names = &self.parsed.names;
        if let Some(id) = self.table.find(hash, |id| *names[*id as usize] == *name) {
            return *id;
        }
        let id = u32::try_from(names.len()).expect("fewer than four billion nodes");
        self.parsed.names.push(name.into());
        let (names, hasher) = (&self.parsed.names, &self.hasher);
        self.table
            .insert_unique(hash, id, |id| hasher.hash_one(&*names[*id as usize]));
        id
    }

    /// Any number of `[a = b, …]`; whether a colour is among them.
    fn attributes(&mut self) -> Result<bool, Wrong> {
        let mut coloured = false;
        while self.next == Token::Sign(b'[') {
            self.advance()?;
            while self.next != Token::Sign(b']') {
                match self.next {
                    Token::Word | Token::Name => coloured |= self.lexer.text == "color",
                    Token::Sign(b'=' | b',' | b';') => {}
                    Token::Arrow | Token::Line | Token::Sign(_) | Token::End => {
                        return Err(self.lexer.wrong("expected an attribute or ]"));
                    }
                }
                self.advance()?;
            }
            self.expect(b']')?;
        }
        Ok(coloured)
    }
}
