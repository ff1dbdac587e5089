//! Chance without dice: every "random" fact is a pure function of the seed and of what it is
//! about, so that it costs no memory and comes out the same in every run.

/// Mixes a seed and the things that a fact is about into 64 even bits (SplitMix64).
pub(crate) fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9E37_79B9_7F4A_7C15, |state, part| {
        let mut z = (state ^ part).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

/// The same as a fraction from 0 up to, but not, 1.
pub(crate) fn fraction(parts: &[u64]) -> f64 {
    (mix(parts) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_spread_evenly() {
        let below = (0..10_000u64).filter(|n| fraction(&[1, *n]) < 0.25).count();
        assert!((2_300..2_700).contains(&below), "{below} of 10000 are below a quarter");
    }
}
