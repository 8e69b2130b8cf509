//! Tokens of every kind, in windows of every size, and hostile ones.

use super::{Lexer, Stop, Token};
use crate::input::dot::quoted::tests::go_quoted;
use crate::input::dot::window::Window;
use proptest::prelude::*;

/// Each token as its text, or as what it is.
fn tokens_in(text: &[u8], window: usize) -> Result<Vec<String>, Stop> {
    let mut lexer = Lexer::new(Window::with_size(text, window));
    let mut seen = Vec::new();
    loop {
        match lexer.next()? {
            Token::End => return Ok(seen),
            Token::Word | Token::Quoted => {
                seen.push(String::from_utf8_lossy(lexer.text()).into_owned());
            }
            other => seen.push(format!("{other:?}")),
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let whole = tokens_in(text.as_bytes(), 4096).expect("tokens");
    let dripped = tokens_in(text.as_bytes(), 16).expect("tokens in a small window");
    assert_eq!(whole, dripped);
    whole
}

/// A result without the excerpt, which depends on the window.
fn told(result: Result<Vec<String>, Stop>) -> String {
    match result {
        Err(Stop::Wrong(spot, what)) => format!("{:?} {what}", spot.place),
        other => format!("{other:?}"),
    }
}

fn wrong(text: &str) -> (u64, &'static str) {
    match tokens_in(text.as_bytes(), 16) {
        Err(Stop::Wrong(spot, what)) => (spot.place.column - 1, what),
        Err(Stop::End(what)) => (text.len() as u64, what),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_whole_lexis_is_known() {
    assert_eq!(
        tokens("a->b--_c9 é -1.5 .5 7 [x=\"y z\";] {},:"),
        [
            "a",
            "Arrow",
            "b",
            "Line",
            "_c9",
            "é",
            "-1.5",
            ".5",
            "7",
            "OpenBracket",
            "x",
            "Equals",
            "y z",
            "Semicolon",
            "CloseBracket",
            "OpenBrace",
            "CloseBrace",
            "Comma",
            "Colon"
        ]
    );
    assert_eq!(tokens("<a <b>c</b>> <>"), ["a <b>c</b>", ""]);
    assert_eq!(tokens("1.2.3 1a"), ["1.2", ".3", "1", "a"]);
}

#[test]
fn comments_and_preprocessor_lines_are_passed_over() {
    let long = "long ".repeat(50);
    let text = format!(
        "# 1 \"file\"\na// {long} \"\n/* {long} * / ** */b /**/ # {long}\n\"c\" /* x */ d//"
    );
    assert_eq!(tokens(&text), ["a", "b", "c", "d"]);
}

#[test]
fn strings_grow_by_a_plus() {
    assert_eq!(
        tokens(r#""a" + "b\"" /* c */ +"c";"#),
        ["ab\"c", "Semicolon"]
    );
    assert_eq!(wrong(r#""a" + b"#).0, 6);
    assert_eq!(wrong("a + \"b\"").0, 2);
}

#[test]
fn a_token_longer_than_the_window_is_read_whole() {
    let long = "y".repeat(1000);
    assert_eq!(
        tokens(&format!("\"{long}\" {long} <{long}>")),
        vec![long; 3]
    );
}

#[test]
fn what_is_cut_is_told_from_what_is_wrong() {
    for cut in ["\"a", "\"a\\", "/* a", "/* *", "<a<b>", "/*"] {
        assert_eq!(wrong(cut).0, cut.len() as u64, "{cut}");
    }
    for (text, at) in [("a @", 2), ("- ", 0), ("a / b", 2), ("a -", 2), ("/", 0)] {
        assert_eq!(wrong(text).0, at, "{text}");
    }
}

#[test]
fn the_place_of_a_token_is_known_when_the_window_has_moved_on() {
    let text = format!("a\n  bcd {}/* {} */x", " ".repeat(100), "y".repeat(100));
    let mut lexer = Lexer::new(Window::with_size(text.as_bytes(), 16));
    lexer.next().expect("a");
    lexer.next().expect("bcd");
    let Err(Stop::Wrong(spot, _)) = lexer.wrong::<()>("here") else {
        panic!("an error");
    };
    assert_eq!((spot.place.line, spot.place.column), (2, 3));
}

#[test]
fn labels_have_unescaped_keys_where_names_have_them() {
    let line = r#""[root] a_b.c["k"]" [label = "a_b.c["k"]", shape = "box"]"#;
    assert_eq!(
        tokens(line)[..5],
        [
            r#"[root] a_b.c["k"]"#,
            "OpenBracket",
            "label",
            "Equals",
            r#"a_b.c["k"]"#
        ]
    );
}

proptest! {
    #[test]
    fn any_texts_in_quotes_are_read_back(texts in proptest::collection::vec(any::<String>(), 0..6)) {
        let quoted: Vec<_> = texts.iter().map(|text| go_quoted(text)).collect();
        prop_assert_eq!(tokens(&quoted.join(" ")), texts);
    }

    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = tokens_in(&bytes, 16);
    }

    #[test]
    fn any_dot_like_text_is_cut_alike_in_every_window(text in "([a-c\"\\\\<>/*#+\\-. \n\\[\\];=]|->|//){0,60}") {
        let (small, large) = (tokens_in(text.as_bytes(), 16), tokens_in(text.as_bytes(), 4096));
        prop_assert_eq!(told(small), told(large));
    }
}
