//! Quantiles of the beta distribution, for bounds of rates that were counted.

/// Returns the quantile `q` of a beta distribution with both parameters above 0; 0 < `q` < 1.
///
/// By bisection of the regularised incomplete beta function, to 14 digits: some 50 steps, each of at most 200 terms.
pub(super) fn quantile(q: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        // The geometric mean finds rates near 0 as precisely as those in the middle.
        let middle = if high < 1e-2 && low > 0.0 {
            (low * high).sqrt()
        } else {
            f64::midpoint(low, high)
        };
        if distribution(middle, a, b) < q {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= high * 1e-14 {
            break;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22).
fn distribution(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front =
        (log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction converges fast on one side of the mean only (DLMF 8.17.4).
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// Evaluates the fraction from the front (Lentz's method as modified by Thompson and Barnett).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut numerator = 1.0;
    let mut inverse = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut result = inverse;
    for step in 1..=300_u16 {
        let step = f64::from(step);
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        let odd = -(a + step) * (a + b + step) * x / ((a + 2.0 * step) * (a + 2.0 * step + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            inverse = 1.0 / guard(1.0 + term * inverse);
            numerator = guard(1.0 + term / numerator);
            change = numerator * inverse;
            result *= change;
        }
        if (change - 1.0_f64).abs() < 1e-15 {
            break;
        }
    }
    result
}

/// The logarithm of the gamma function above 0, by Stirling's series (DLMF 5.11.1) after the recurrence.
fn log_gamma(x: f64) -> f64 {
    let mut x = x;
    let mut shift = 0.0;
    while x < 12.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series =
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series + shift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-9 * other.abs().max(1e-9)
    }

    #[test]
    fn quantiles_with_closed_forms_come_out() {
        for q in [0.05_f64, 0.1, 0.5, 0.95] {
            // Uniform; x^a; 1 - (1-x)^b; the arcsine law.
            assert!(is_near(quantile(q, 1.0, 1.0), q));
            assert!(is_near(quantile(q, 3.0, 1.0), q.powf(1.0 / 3.0)));
            assert!(is_near(quantile(q, 1.0, 5.0), 1.0 - (1.0 - q).powf(0.2)));
            let arcsine = (std::f64::consts::FRAC_PI_2 * q).sin().powi(2);
            assert!(is_near(quantile(q, 0.5, 0.5), arcsine), "{q}");
        }
    }

    #[test]
    fn rates_of_a_few_in_thousands_are_exact_too() {
        // The exponential limit: P(X > x) ≈ exp(-n x) for a = 1.
        let bound = quantile(0.95, 1.0, 100_000.0);
        assert!(is_near(bound, 1.0 - 0.05_f64.powf(1e-5)), "{bound}");
        assert!(quantile(0.95, 0.5, 13_140.5) < 2e-4);
    }
}
