//! Takes the partition's numbers from the system description and links it there.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The sockets' buffers are on it.
    let stack = "STACK_SIZE = 0xa0000;\n";
    cofferdam_sossl::build::partition_script("../system.yaml", "../../..", "station", stack)
        .map_err(|error| error.to_string().into())
}
