//! How much a report tells. Where it would be too long, detail is shed in steps, the least needed first: the pictures,
//! the details of notes, those of warnings, members, list items. Nothing is ever cut off.

/// Where what is left out can be read.
pub(super) const REST: &str = "(`tfguard -v` and `-f json` have all)";

/// How much is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// What is left out since the level before, in words.
    pub(super) sheds: &'static str,
    pub(super) pictures: bool,
    pub(super) note_details: bool,
    pub(super) warning_details: bool,
    /// Findings of what fails or destroys that are listed.
    pub(super) errors: usize,
    /// Warnings and accepted findings that are listed.
    pub(super) warnings: usize,
    /// Notes of each rule that are listed.
    pub(super) notes: usize,
    /// Members and related objects of a finding, stacks, owners and run notes.
    pub(super) members: usize,
    /// Bytes of HCL in a finding.
    pub(super) hcl: usize,
    /// Columns of a message.
    pub(super) message: usize,
    /// Columns of a name.
    pub(super) name: usize,
}

/// Everything a reviewer reads.
const FULL: Level = Level {
    sheds: "",
    pictures: true,
    note_details: true,
    warning_details: true,
    errors: 1000,
    warnings: 500,
    notes: 10,
    members: 100,
    hcl: 8000,
    message: 1000,
    name: 120,
};

const NO_PICTURES: Level = Level {
    sheds: "pictures",
    pictures: false,
    ..FULL
};
const SHORT_NOTES: Level = Level {
    sheds: "details of notes",
    note_details: false,
    ..NO_PICTURES
};
const SHORT_WARNINGS: Level = Level {
    sheds: "details of warnings",
    warning_details: false,
    ..SHORT_NOTES
};
const FEW_MEMBERS: Level = Level {
    sheds: "objects",
    members: 20,
    hcl: 2000,
    ..SHORT_WARNINGS
};
const FEW_NOTES: Level = Level {
    sheds: "notes",
    notes: 2,
    members: 10,
    ..FEW_MEMBERS
};
const FEW_WARNINGS: Level = Level {
    sheds: "warnings",
    warnings: 50,
    errors: 200,
    ..FEW_NOTES
};
const FEW_ERRORS: Level = Level {
    sheds: "findings",
    warnings: 20,
    errors: 50,
    notes: 1,
    ..FEW_WARNINGS
};
const SHORT_MESSAGES: Level = Level {
    sheds: "parts of messages",
    message: 300,
    hcl: 1000,
    name: 80,
    ..FEW_ERRORS
};
const LEAST: Level = Level {
    sheds: "most of the rest",
    errors: 8,
    warnings: 0,
    notes: 0,
    members: 2,
    hcl: 0,
    message: 160,
    name: 60,
    ..SHORT_MESSAGES
};

/// All levels. The last one fits whatever the plan holds.
pub(super) const LEVELS: [Level; 10] = [
    FULL,
    NO_PICTURES,
    SHORT_NOTES,
    SHORT_WARNINGS,
    FEW_MEMBERS,
    FEW_NOTES,
    FEW_WARNINGS,
    FEW_ERRORS,
    SHORT_MESSAGES,
    LEAST,
];
