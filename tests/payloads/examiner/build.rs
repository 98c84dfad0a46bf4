//! Takes a partition of the system of conformance tests: the one with two harts, or that with one.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../systems/riscv-suite.yaml", "../../..");
    let name = if cfg!(feature = "pair") {
        "pair"
    } else {
        "single"
    };
    cofferdam_sossl::build::partition_script(system, sdk, name, "STACK_SIZE = 0x4000;\n")
}
