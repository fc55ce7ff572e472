//! The story that `make demo` tells, with real requests to a real Envoy; every claim in it is checked.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use testbed::access_log::admissions;
use testbed::flood::{Flood, Target, flood};
use testbed::sign::http_date;
use testbed::{Client, Config, Envoy, Error, Request, Response, Result, Verdict, certainly_busiest};

use crate::callers::{Caller, callers};
use crate::interrupt::Interrupt;
use crate::story::Story;
use crate::{EXAMPLE_SECRET, lacks, parse};

/// How long the flood goes on, and how many times the limit it sends.
const FLOOD: (Duration, usize) = (Duration::from_millis(3500), 4);

/// Tells the story.
pub(crate) fn demo() -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let (variable, secret) = EXAMPLE_SECRET;
    let config = Config::hot_reload().concurrency(2).access_log().env(variable, secret);
    let text = config.shipped_document()?;
    let document = parse(&text)?;
    let callers = callers(&document, |name| (name == variable).then(|| secret.to_owned()));
    let caller = callers.iter().find(|caller| caller.enabled && caller.limit.is_some());
    let caller = caller.ok_or_else(|| lacks("enabled key on a plan with a limit"))?;
    let started = Instant::now();
    let envoy = Envoy::try_start(&config)?;
    say!(
        "Envoy with 2 workers is ready on {} ({} ms). Its filter's document is the one in envoy/hot-reload.",
        envoy.ingress(),
        started.elapsed().as_millis()
    );
    let mut demo = Demo {
        envoy,
        story: Story::new(),
        interrupt,
        document: &text,
        callers: &callers,
        caller,
        answered: 0,
    };
    demo.passes()?;
    demo.forged()?;
    demo.stale()?;
    demo.disabled()?;
    demo.unbound()?;
    demo.flood()?;
    demo.changed()?;
    demo.story.end()?;
    say!("\nNext: `make run`, paste the curl that it prints, and edit usage-plans.json while it runs.");
    Ok(())
}

struct Demo<'a> {
    envoy: Envoy,
    story: Story,
    interrupt: Interrupt,
    /// What Envoy was started with.
    document: &'a str,
    /// Who is in it.
    callers: &'a [Caller],
    /// The key of the story, with its plan and the environment where that is bound.
    caller: &'a Caller,
    /// How many requests Envoy has answered.
    answered: usize,
}

impl Demo<'_> {
    fn passes(&mut self) -> Result<()> {
        self.step("A signed call")?;
        let caller = self.caller;
        let request = caller.signer.sign(caller.get("/orders/42"));
        let response = self.send(&request, &caller.name)?;
        self.story.claim(response.status == 200, "200", told(&response));
        for name in ["x-usageplan-ratelimit", "ratelimit-policy", "ratelimit"] {
            for value in response.all(name) {
                self.story.show(format_args!("{name}: {value}"));
            }
        }
        let limit = caller.limit.unwrap_or_default();
        let left = format!("{}/{limit}", limit.saturating_sub(1));
        let said = response.header("x-usageplan-ratelimit").unwrap_or_default();
        self.story.claim(said == left, format_args!("one of its {limit} calls a second is spent"), said);
        let received: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        self.story.say("the upstream received");
        for (name, value) in received.as_object().into_iter().flatten() {
            self.story.show(format_args!("{name}: {}", value.as_str().unwrap_or("(none)")));
        }
        let expected = [
            ("path", "/orders/42"),
            ("x-usage-plan-id", &caller.plan),
            ("x-usage-plan-environment", &caller.environment),
            ("x-secret-id", &caller.signer.secret_id),
        ];
        let as_expected = expected.iter().all(|&(name, value)| received[name] == value);
        let claim = "who calls, on which plan, without the environment's prefix and the signature";
        self.story.claim(as_expected && received["authorization"].is_null(), claim, response.text());
        Ok(())
    }

    fn forged(&mut self) -> Result<()> {
        self.step("The same call with a forged signature")?;
        let mut forger = self.caller.signer.clone();
        forger.secret_key = "not-the-secret-key".to_owned();
        let request = forger.sign(self.caller.get("/orders/42"));
        self.refused(&request, "someone who knows only the id", "HMAC signature does not match")
    }

    fn stale(&mut self) -> Result<()> {
        self.step("The same call, signed an hour ago")?;
        let then = http_date(SystemTime::now() - Duration::from_secs(3600));
        let request = self.caller.signer.sign(self.caller.get("/orders/42").header("x-date", then));
        let message =
            "HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication";
        self.refused(&request, "someone who recorded it", message)
    }

    fn disabled(&mut self) -> Result<()> {
        self.step("A disabled key")?;
        let disabled =
            self.callers.iter().find(|caller| !caller.enabled).ok_or_else(|| lacks("disabled key"))?;
        let request = disabled.signer.sign(disabled.get("/orders/42"));
        self.refused(&request, &disabled.name, "HMAC signature cannot be verified")
    }

    fn unbound(&mut self) -> Result<()> {
        self.step("The first key, where its plan is not bound")?;
        let caller = self.caller;
        let mine = |other: &Caller| {
            let same_key = |c: &&Caller| c.signer.secret_id == caller.signer.secret_id;
            let same_place = |c: &Caller| c.host == other.host && c.environment == other.environment;
            self.callers.iter().filter(same_key).any(same_place)
        };
        let elsewhere = self.callers.iter().find(|other| other.host == caller.host && !mine(other));
        let elsewhere = elsewhere.ok_or_else(|| lacks("environment where that key has no plan"))?;
        let request = caller.signer.sign(elsewhere.get("/orders/42"));
        self.refused(&request, &caller.name, "HMAC signature cannot be verified")
    }

    fn flood(&mut self) -> Result<()> {
        self.step("A flood")?;
        let (duration, times) = FLOOD;
        let caller = self.caller;
        let limit = caller.limit.unwrap_or_default();
        let rate = limit * times;
        self.story
            .say(format_args!("{} may call {limit} times a second and calls {rate} times", caller.name));
        let request = caller.signer.sign(caller.get("/orders/42"));
        let target = Target::new(self.envoy.ingress(), &request);
        let samples = flood(&[target], &Flood::of(duration).rate(rate as f64))?;
        let of = |status: u16| samples.iter().filter(|sample| sample.status == status).count();
        let (passed, limited) = (of(200), of(429));
        self.story
            .show(format_args!("{duration:?}: {} sent, {passed} passed, {limited} got 429", samples.len()));
        self.story.claim(
            passed + limited == samples.len(),
            "every call is answered, 200 or 429",
            format_args!("{} got neither", samples.len() - passed - limited),
        );
        let most = passed > limit && limited > limit;
        self.story.claim(
            most,
            "far more came than the plan allows",
            format_args!(
                "{passed} passed and {limited} were refused: if few were sent, this machine is busy"
            ),
        );

        let before = self.answered;
        self.answered += samples.len();
        let spent = self.spent(limit)?;
        let log = self.envoy.access_log(self.answered)?;
        let admitted = admissions(&log[before..before + samples.len()]).len();
        let busiest = certainly_busiest(&admissions(&log));
        self.story.claim(
            admitted == passed,
            format_args!("Envoy's log has the same {passed} as admitted"),
            format_args!("it has {admitted}"),
        );
        self.story.claim(
            busiest == limit,
            format_args!("the busiest second, wherever it begins, admitted exactly {limit}"),
            format_args!("it admitted {busiest}"),
        );
        let message = "{\"message\":\"API rate limit exceeded\"}";
        let after = spent.header("retry-after").unwrap_or_default();
        // Whole seconds; what is left of a second that has just begun, and a little more than that, rounds up to two.
        let in_time = after.parse().is_ok_and(|seconds: u32| (1..=2).contains(&seconds));
        let holds = spent.status == 429 && spent.text().trim() == message && in_time;
        let claim = format!("429 {message}, retry-after: {after}");
        self.story.claim(holds, claim, told(&spent));
        Ok(())
    }

    /// The answer to a call once `limit` are spent.
    fn spent(&mut self, limit: usize) -> Result<Response> {
        let request = self.caller.signer.sign(self.caller.get("/orders/42"));
        let mut client = Client::new(self.envoy.ingress());
        for _ in 0..=limit {
            self.answered += 1;
            let response = client.send(&request)?;
            if response.status != 200 {
                return Ok(response);
            }
        }
        Err(Error::new(format!("{limit} calls more and none was refused")))
    }

    fn changed(&mut self) -> Result<()> {
        self.step("The document changes while Envoy serves")?;
        let limit = self.caller.limit.unwrap_or_default();
        let (old, new) = (format!("_second\": {limit}"), format!("_second\": {}", limit * 2));
        let begun = Instant::now();
        let verdict = self.envoy.publish(&self.document.replace(&old, &new))?;
        let took = begun.elapsed().as_millis();
        let claim =
            format!("a limit of {} is accepted, {took} ms after its file is renamed into place", limit * 2);
        self.story.claim(verdict == Verdict::Accepted, claim, format_args!("{verdict:?}"));
        // Each worker takes it up by itself.
        std::thread::sleep(Duration::from_millis(200));
        let now = self.limit_told()?;
        let holds = now.ends_with(&format!("/{}", limit * 2));
        self.story.claim(holds, format_args!("the next call is told {now}"), &now);

        let broken = self.document.replace(&self.caller.plan, "no such id");
        let verdict = self.envoy.publish(&broken)?;
        if let Verdict::Refused(reasons) = &verdict {
            reasons.lines().for_each(|line| self.story.show(line));
        }
        let refused = matches!(verdict, Verdict::Refused(reasons) if reasons.contains("usage_plans[0].id"));
        self.story.claim(refused, "a document with an error is refused, and the error named", "it was not");
        let now = self.limit_told()?;
        let holds = now.ends_with(&format!("/{}", limit * 2));
        self.story.claim(holds, "the one before it stays in force", now);
        Ok(())
    }

    /// What a call of the story's key is told of its limit.
    fn limit_told(&self) -> Result<String> {
        let request = self.caller.signer.sign(self.caller.get("/orders/42"));
        let response = Client::new(self.envoy.ingress()).send(&request)?;
        Ok(response.header("x-usageplan-ratelimit").unwrap_or_else(|| told(&response)))
    }

    fn step(&mut self, title: &str) -> Result<()> {
        self.interrupt.check()?;
        self.story.step(title);
        Ok(())
    }

    /// Sends `request` and claims that it is refused with 401 and `message`.
    fn refused(&mut self, request: &Request, who: &str, message: &str) -> Result<()> {
        let response = self.send(request, who)?;
        let body = format!("{}\n", serde_json::json!({ "message": message }));
        let holds = response.status == 401 && response.text() == body;
        self.story.claim(holds, format_args!("401 {message}"), told(&response));
        Ok(())
    }

    fn send(&mut self, request: &Request, who: &str) -> Result<Response> {
        let target = String::from_utf8_lossy(&request.target);
        self.story.say(format_args!("{} {target} by {who}", request.method));
        self.answered += 1;
        Client::new(self.envoy.ingress()).send(request)
    }
}

/// What came instead.
fn told(response: &Response) -> String {
    format!("{} {}", response.status, response.text().trim())
}
