//! Many devices on real sockets while people send, edit, come and go: whatever is cut and resumed
//! and whenever it is read, every device ends with what a fresh sign-in gets.

mod device;
mod plan;

use proptest::prelude::*;

use crate::harness::Server;
use device::Device;
use plan::{Action, DEVICES, PEOPLE, Plan, Stage, plan};

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_time: 60_000, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn whatever_happens_every_device_ends_with_what_a_fresh_one_gets(plan in plan()) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(run(&plan));
    }
}

async fn run(plan: &Plan) {
    let server = Server::start().await;
    let stage = Stage::begin(&server).await;
    let mut devices: Vec<_> = (0..DEVICES)
        .map(|number| Device::new(stage.people[number % PEOPLE].clone()))
        .collect();
    for wave in plan {
        let steps = stage.run(&wave.steps);
        let reading = futures_util::future::join_all(
            devices
                .iter_mut()
                .zip(&wave.actions)
                .map(|(device, action)| act(device, *action)),
        );
        tokio::join!(steps, reading);
    }
    for device in &mut devices {
        device.connect().await;
        device.settle(&server).await;
        device.check(&server).await;
        let mut fresh = Device::new(device.person.clone());
        fresh.connect().await;
        fresh.settle(&server).await;
        fresh.check(&server).await;
        device.agrees_with(&fresh);
    }
}

async fn act(device: &mut Device, action: Action) {
    match action {
        Action::Nothing => {}
        Action::Read => device.read().await,
        Action::Cut => device.cut(),
        Action::Connect => device.connect().await,
        Action::Forget => device.forget(),
    }
}
