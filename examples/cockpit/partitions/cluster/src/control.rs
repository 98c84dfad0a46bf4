//! The control loop: a PID controller and the plant that it drives, both simulated in fixed point.
//!
//! All quantities are Q16.16: 65 536 is one. Every operation saturates, so no input can overflow.

/// One in Q16.16.
pub const ONE: i32 = 1 << 16;

fn multiply(a: i32, b: i32) -> i64 {
    (i64::from(a) * i64::from(b)) >> 16
}

fn clamp(value: i64, limit: i32) -> i32 {
    let limit = i64::from(limit);
    i32::try_from(value.clamp(-limit, limit)).unwrap_or(i32::MAX)
}

/// A discrete PID controller, one step a period.
#[derive(Clone, Copy, Debug)]
pub struct Pid {
    proportional: i32,
    integral: i32,
    derivative: i32,
    output_limit: i32,
    sum: i32,
    last_error: i32,
}

impl Pid {
    /// A controller with these gains, at rest. The output stays within `output_limit` on either
    /// side.
    pub const fn new(proportional: i32, integral: i32, derivative: i32, output_limit: i32) -> Self {
        Self {
            proportional,
            integral,
            derivative,
            output_limit,
            sum: 0,
            last_error: 0,
        }
    }

    /// The output for this period.
    pub fn step(&mut self, target: i32, measured: i32) -> i32 {
        let error = target.saturating_sub(measured);
        let change = error.saturating_sub(self.last_error);
        self.last_error = error;
        // The integral part is limited like the output: no wind-up while the output saturates.
        let sum = i64::from(self.sum) + multiply(self.integral, error);
        self.sum = clamp(sum, self.output_limit);
        let output = multiply(self.proportional, error)
            + i64::from(self.sum)
            + multiply(self.derivative, change);
        clamp(output, self.output_limit)
    }
}

/// A plant of first order: follows its input with a time constant of 32 periods.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plant {
    state: i32,
}

impl Plant {
    /// Moves on by one period with this input, and answers the new state.
    pub fn step(&mut self, input: i32) -> i32 {
        let change = (i64::from(input) - i64::from(self.state)) >> 5;
        self.state = clamp(i64::from(self.state) + change, i32::MAX);
        self.state
    }

    /// The state as it is measured.
    pub const fn state(&self) -> i32 {
        self.state
    }
}

/// Controller and plant, with a target that changes side every [`Loop::HALF_CYCLE`] periods.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    pid: Pid,
    plant: Plant,
    period: u32,
}

impl Loop {
    /// Periods between two changes of the target.
    pub const HALF_CYCLE: u32 = 500;
    /// The plant must never go further than this.
    const BOUND: i32 = 2 * ONE;

    /// At rest.
    pub const fn new() -> Self {
        Self {
            pid: Pid::new(4 * ONE, ONE / 8, ONE / 2, 8 * ONE),
            plant: Plant { state: 0 },
            period: 0,
        }
    }

    /// Target of this period.
    pub const fn target(&self) -> i32 {
        if self.period < Self::HALF_CYCLE {
            ONE
        } else {
            -ONE
        }
    }

    /// One period. Answers whether the plant is within its bounds.
    pub fn step(&mut self) -> bool {
        let output = self.pid.step(self.target(), self.plant.state());
        let state = self.plant.step(output);
        self.period = (self.period + 1) % (2 * Self::HALF_CYCLE);
        (-Self::BOUND..=Self::BOUND).contains(&state)
    }

    /// What the needle shows, in km/h: 50, and 10 for each unit of the plant.
    pub fn speed(&self) -> i32 {
        let tenths = multiply(10 * ONE, self.plant.state());
        50 + clamp(tenths >> 16, 20)
    }

    /// The state of the plant.
    pub const fn state(&self) -> i32 {
        self.plant.state()
    }
}

impl Default for Loop {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_proportional_controller_scales_the_error() {
        let mut pid = Pid::new(2 * ONE, 0, 0, 100 * ONE);
        assert_eq!(pid.step(3 * ONE, ONE), 4 * ONE);
        assert_eq!(pid.step(-ONE, ONE), -4 * ONE);
    }

    #[test]
    fn the_integral_part_sums_and_does_not_wind_up() {
        let mut pid = Pid::new(0, ONE / 2, 0, 2 * ONE);
        assert_eq!(pid.step(ONE, 0), ONE / 2);
        assert_eq!(pid.step(ONE, 0), ONE);
        for _ in 0..1_000 {
            assert!(pid.step(ONE, 0) <= 2 * ONE);
        }
        assert_eq!(pid.step(-ONE, 0), 2 * ONE - ONE / 2, "turns at once");
    }

    #[test]
    fn the_derivative_part_answers_change_only() {
        let mut pid = Pid::new(0, 0, ONE, 100 * ONE);
        assert_eq!(pid.step(ONE, 0), ONE);
        assert_eq!(pid.step(ONE, 0), 0);
    }

    #[test]
    fn the_extremes_saturate() {
        let mut pid = Pid::new(i32::MAX, i32::MAX, i32::MAX, 8 * ONE);
        assert_eq!(pid.step(i32::MAX, i32::MIN), 8 * ONE);
        assert_eq!(pid.step(i32::MIN, i32::MAX), -8 * ONE);
        let mut plant = Plant { state: i32::MAX };
        plant.step(i32::MIN);
        assert!(plant.state() < i32::MAX);
    }

    #[test]
    fn the_needle_follows_the_plant() {
        let mut control = Loop::new();
        assert_eq!(control.speed(), 50);
        for _ in 0..Loop::HALF_CYCLE {
            control.step();
        }
        assert!((59..=60).contains(&control.speed()), "{}", control.speed());
    }

    #[test]
    fn the_loop_settles_on_each_target_and_stays_in_bounds() {
        let mut control = Loop::new();
        for _ in 0..10 {
            let target = control.target();
            for _ in 0..Loop::HALF_CYCLE {
                assert!(control.step());
            }
            assert!((control.state() - target).abs() < ONE / 100);
            assert_eq!(control.target(), -target);
        }
    }
}
