/**
 * One policy, one seed: requests come at their times whatever becomes of those before them, are sent where the picker says,
 * and end, or are sent elsewhere. The clock jumps from one event to the next; at one time changes of the servers come
 * first, then ends of work, then arrivals. A refusal and a picker's decision take no time.
 */
import { NO_ENDPOINT, POLICIES, Tried } from '../../core/index.ts';
import { Disruption } from './disruption.ts';
import { Fleet } from './fleet.ts';
import { ProbeReplies } from './probe-replies.ts';
import type { Requests } from './requests.ts';
import type { Scenario, ServicePolicy } from './scenario.ts';
import { NONE, Servers } from './servers.ts';
import { planTimeline, type Step, type Timeline } from './timeline.ts';

export class Simulation {
  readonly scenario: Scenario;
  readonly policy: ServicePolicy;
  readonly seed: number;
  readonly requests: Requests;
  readonly timeline: Timeline;
  readonly servers: Servers;
  readonly disruption: Disruption;
  readonly fleet: Fleet;
  /** By request: the server that answered it, NONE for those that failed; and when. */
  readonly answeredBy: Int32Array;
  readonly endUs: Float64Array;
  /** Requests sent once more. */
  retries = 0;
  failed = 0;
  nowUs = 0;
  readonly #arrivedAt: Float64Array;
  readonly #attempts: Uint8Array;
  /** How many were present at the server when the request came. */
  readonly #found: Int32Array;
  /** Of the requests that were sent more than once and have not ended. */
  readonly #tried = new Map<number, Tried>();
  readonly #probes: number;
  readonly #replies: ProbeReplies;
  #arrived = 0;
  #steps = 0;
  #tendUs: number;

  constructor(scenario: Scenario, policy: ServicePolicy, seed: number, requests: Requests) {
    this.scenario = scenario;
    this.policy = policy;
    this.seed = seed;
    this.requests = requests;
    this.timeline = planTimeline(scenario);
    const { speeds } = this.timeline;
    this.servers = new Servers(speeds, scenario.concurrency, requests.count);
    this.disruption = new Disruption(scenario.clients);
    this.fleet = new Fleet(scenario, policy, this.timeline, seed);
    this.#tendUs = this.fleet.tendEveryUs;
    this.answeredBy = new Int32Array(requests.count).fill(NONE);
    this.endUs = new Float64Array(requests.count);
    this.#arrivedAt = new Float64Array(requests.count);
    this.#attempts = new Uint8Array(requests.count);
    this.#found = new Int32Array(requests.count);
    this.#probes = probesPerPick(policy);
    this.#replies = new ProbeReplies(this.#probes > 0 ? speeds.length : 0);
  }

  /** Handles up to so many events; false when nothing is left to happen to any request. */
  advance(events: number): boolean {
    const { servers, requests } = this;
    for (let i = 0; i < events; i++) {
      const place = servers.nextEnd();
      const endUs = place === NONE ? Number.POSITIVE_INFINITY : servers.endUs[place];
      const arrivalUs = this.#arrived < requests.count ? requests.atUs[this.#arrived] : Number.POSITIVE_INFINITY;
      const nextUs = Math.min(endUs, arrivalUs);
      if (nextUs === Number.POSITIVE_INFINITY) return false;
      if (this.#steps < this.timeline.steps.length && this.timeline.steps[this.#steps].atUs <= nextUs) {
        this.#step(this.timeline.steps[this.#steps++]);
      } else if (this.#tendUs <= nextUs) {
        this.fleet.tend(this.#tendUs);
        this.#tendUs += this.fleet.tendEveryUs;
      } else if (endUs <= arrivalUs) {
        this.#finish(place, endUs);
      } else {
        this.#arrive(this.#arrived++, arrivalUs);
      }
    }
    return true;
  }

  #arrive(request: number, nowUs: number): void {
    this.nowUs = nowUs;
    const client = this.requests.client[request];
    const balancer = this.fleet.balancerOf(client);
    const server = this.fleet.pick(balancer, this.requests.clientHash[client], nowUs);
    if (this.#probes > 0) this.#probe(balancer, nowUs);
    this.disruption.sent(client, server);
    this.#attempts[request] = 1;
    if (server === NO_ENDPOINT) this.#fail(request);
    else if (this.servers.up[server] === 1) this.#accept(request, server, balancer, nowUs);
    else {
      this.#refuse(request, server, balancer);
      this.#sendElsewhere(request, balancer);
    }
  }

  #finish(place: number, nowUs: number): void {
    this.nowUs = nowUs;
    const server = this.servers.serverAt(place);
    const request = this.servers.finish(place, this.requests.workUs);
    const latencyUs = nowUs - this.#arrivedAt[request];
    this.endUs[request] = nowUs;
    this.answeredBy[request] = server;
    if (this.#attempts[request] > 1) this.#tried.delete(request);
    if (this.#probes > 0) this.#replies.observe(server, this.#found[request], latencyUs);
    const balancer = this.#balancerOf(request);
    this.fleet.pickers[balancer].onEnd(this.fleet.endpointOf(balancer, server), nowUs, latencyUs);
  }

  #accept(request: number, server: number, balancer: number, nowUs: number): void {
    this.#arrivedAt[request] = nowUs;
    this.#found[request] = this.servers.present[server];
    this.fleet.pickers[balancer].onStart(this.fleet.endpointOf(balancer, server));
    this.servers.accept(server, request, this.requests.workUs, nowUs);
  }

  /** The connection was refused. */
  #refuse(request: number, server: number, balancer: number): void {
    const endpoint = this.fleet.endpointOf(balancer, server);
    this.fleet.pickers[balancer].onStart(endpoint);
    this.fleet.pickers[balancer].onError(endpoint, this.nowUs, 0);
    this.#triedBy(request).add(endpoint);
  }

  /** To endpoints that were not tried, as long as there are attempts left. */
  #sendElsewhere(request: number, balancer: number): void {
    const hash = this.requests.clientHash[this.requests.client[request]];
    const tried = this.#triedBy(request);
    while (this.#attempts[request] < this.scenario.attempts) {
      this.#attempts[request]++;
      const server = this.fleet.pick(balancer, hash, this.nowUs, tried);
      if (server === NO_ENDPOINT) break;
      this.retries++;
      if (this.servers.up[server] === 1) {
        this.#accept(request, server, balancer, this.nowUs);
        return;
      }
      this.#refuse(request, server, balancer);
    }
    this.#fail(request);
  }

  #fail(request: number): void {
    this.failed++;
    this.#tried.delete(request);
    this.endUs[request] = this.nowUs;
  }

  #step(step: Step): void {
    this.nowUs = step.atUs;
    if ('live' in step) {
      this.disruption.begin(step);
      this.fleet.change(step.live, step.atUs);
    } else if (step.kind === 'down') this.#takeDown(step.server);
    else this.servers.up[step.server] = 1;
  }

  #takeDown(server: number): void {
    const lost = this.servers.reset(server, this.nowUs);
    // All connections break before the first of them is opened elsewhere.
    for (const request of lost) {
      const balancer = this.#balancerOf(request);
      const endpoint = this.fleet.endpointOf(balancer, server);
      this.fleet.pickers[balancer].onError(endpoint, this.nowUs, this.nowUs - this.#arrivedAt[request]);
    }
    for (const request of lost) {
      const balancer = this.#balancerOf(request);
      this.#triedBy(request).add(this.fleet.endpointOf(balancer, server));
      this.#sendElsewhere(request, balancer);
    }
  }

  /** Sends the probes that a pick asks for; servers that are up answer at once. */
  #probe(balancer: number, nowUs: number): void {
    const { pickers, serverOf } = this.fleet;
    const service = this.fleet.serviceOf(balancer);
    for (let i = 0; i < this.#probes; i++) {
      const endpoint = pickers[balancer].probeTarget(service);
      if (endpoint === NO_ENDPOINT) return;
      const server = serverOf[endpoint];
      if (this.servers.up[server] === 0) continue;
      const present = this.servers.present[server];
      pickers[balancer].onProbe(service, endpoint, present, this.#replies.latencyUs(server, present), nowUs);
    }
  }

  #triedBy(request: number): Tried {
    let tried = this.#tried.get(request);
    if (tried === undefined) this.#tried.set(request, (tried = new Tried()));
    return tried;
  }

  #balancerOf(request: number): number {
    return this.fleet.balancerOf(this.requests.client[request]);
  }
}

/** 0 for policies that do not probe. */
function probesPerPick({ name, parameters }: ServicePolicy): number {
  const found = POLICIES.find((policy) => policy.name === name)?.parameters.find((one) => one.name === 'probesPerPick');
  return found === undefined ? 0 : Math.round(parameters.probesPerPick ?? found.default);
}
