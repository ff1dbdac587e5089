//! What fields ask of each other, over all combinations.
