//! How far a change goes.

pub(super) mod fan_out_hot_spot;
