//! Tables on disk from a key to values: what does not fit into memory is looked up here.
