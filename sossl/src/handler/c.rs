//! The same in C: a header that declares the handlers and has the function which serves them.

use crate::c::{argument, function_name};
use crate::header::{c_type, commented};
use crate::services::origin;
use crate::{Error, source_name, templates};
use cofferdam_abi::call::Call;
use cofferdam_system::System;
use cofferdam_system::model::{Kind, Parameter, Partition, RegionSize, Scalar, Service};
use minijinja::{Value, context};

const TEMPLATE: &str = include_str!("../../templates/requests.h.jinja");

/// The register of the first argument, and of the first result: ticket and function, or status, come before.
const FIRST: usize = 3;

/// What the handlers in C include.
pub(crate) fn header(system: &System, handler: &Partition) -> Result<String, Error> {
    let services = super::of_handler(system, handler).map(|it| values(system, it));
    let call = |call: Call| format!("{:#x}", call.function_id());
    let values = context! {
        handler => &handler.name,
        source => source_name(system),
        services => services.collect::<Vec<_>>(),
        pairs => (0..18).step_by(2).collect::<Vec<_>>(),
        take => call(Call::ServiceTake),
        complete => call(Call::ServiceComplete),
    };
    templates::c(system, "requests.h.jinja", TEMPLATE, values)
}

fn values(system: &System, service: &Service) -> Value {
    let caller = ["uint64_t caller".to_owned()].into_iter();
    let results = service.results.iter();
    let given = results
        .clone()
        .map(|it| format!("{} *{}", c_type(it.kind), it.name));
    let arguments = service.arguments.iter();
    let parameters: Vec<_> = caller
        .chain(arguments.clone().map(argument))
        .chain(given)
        .collect();
    let mut next = FIRST;
    let taken = arguments.map(|it| {
        let first = next;
        next += it.kind.registers();
        value(it, first)
    });
    let passed = ["cofferdam_x[2] >> 32".to_owned()].into_iter().chain(taken);
    let passed = passed.chain(results.clone().map(|it| format!("&{}", it.name)));
    let results = results.zip(FIRST..).map(|(it, register)| {
        context! { name => &it.name, type => c_type(it.kind), register }
    });
    context! {
        function => function_name(service),
        id => format!("{:#x}", service.function_id()),
        doc => commented(service),
        origin => origin(system, service),
        parameters => parameters.join(", "),
        values => passed.collect::<Vec<_>>().join(", "),
        results => results.collect::<Vec<_>>(),
    }
}

/// An argument, from its first register.
fn value(parameter: &Parameter, first: usize) -> String {
    match parameter.kind {
        Kind::Scalar {
            scalar: Scalar::Bool,
            ..
        } => format!("cofferdam_x[{first}] != 0"),
        Kind::Scalar { .. } => format!("({})cofferdam_x[{first}]", c_type(parameter.kind)),
        Kind::Region {
            size: RegionSize::AtMost(_),
            ..
        } => {
            format!(
                "(struct service_memory){{ cofferdam_x[{first}], cofferdam_x[{}] }}",
                first + 1
            )
        }
        Kind::Region {
            size: RegionSize::Exactly(size),
            ..
        } => {
            format!("(struct service_memory){{ cofferdam_x[{first}], {size} }}")
        }
    }
}
