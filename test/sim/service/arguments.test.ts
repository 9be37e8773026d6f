/** What users ask of a simulated service: every form that is taken, and every problem, all at once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, POLICIES } from '../../../core/index.ts';
import { parseService, type ServiceRequest } from '../../../sim/service/arguments.ts';
import type { ServiceTexts } from '../../../sim/service/flags.ts';
import { durationUs, offeredLoad } from '../../../sim/service/scenario.ts';
import { formatTimeUs, parseTimeUs } from '../../../sim/service/time-text.ts';
import { folderOf } from '../../support/keelson.ts';

const TRACE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 23:59:59.5000000,374,44
2023-11-17 00:00:00.2500000,396,0
2023-11-17 00:00:01.5000000,879,55
`;
const folder = folderOf({
  'good.csv': TRACE,
  'late.csv': TRACE.replace('00:00:01.5', '00:00:00.1').replace('55', 'x'),
});
test.after(() => folder.remove());

const parse = (texts: ServiceTexts): ServiceRequest => parseService(texts, (name) => `${folder.path}/${name}`);

test('without flags: all policies, three seeds, 70 % loaded', () => {
  const { scenario, policies, seeds } = parse({});
  assert.equal(
    policies.map(({ name }) => name),
    POLICIES.map(({ name }) => name),
  );
  assert.equal(seeds, [42, 43, 44]);
  assert.ok(Math.abs(offeredLoad(scenario) - 0.7) < 1e-9);
  assert.equal(scenario.events, []);
});

test('--load is a share of what uneven servers can do; --rate is what it says', () => {
  const { arrivals } = parse({
    servers: '4',
    concurrency: '2',
    speeds: '1x3,0.5',
    load: '0.5',
    'service-time': 'exp:5ms',
  }).scenario;
  assert.ok(arrivals.kind === 'synthetic' && Math.abs(arrivals.rate - 700) < 1e-9);
  const fixed = parse({ rate: '12.5' }).scenario.arrivals;
  assert.ok(fixed.kind === 'synthetic' && fixed.rate === 12.5);
});

const times = [
  { text: 'fixed:2s', is: { kind: 'fixed', meanUs: 2e6, shape: 0 } },
  { text: 'exp', is: { kind: 'exp', meanUs: 10_000, shape: 0 } },
  { text: 'lognormal:250us:2', is: { kind: 'lognormal', meanUs: 250, shape: 2 } },
  { text: 'pareto:1.5ms', is: { kind: 'pareto', meanUs: 1500, shape: 1.5 } },
  { text: 'hyper:1m:4', is: { kind: 'hyper', meanUs: 60e6, shape: 4 } },
];
for (const { text, is } of times) {
  test(`--service-time ${text}`, () => {
    const { arrivals } = parse({ 'service-time': text }).scenario;
    assert.equal(arrivals.kind === 'synthetic' && arrivals.work, is);
  });
}

test('--policy: names, parameters, each once', () => {
  assert.equal(parse({ policy: 'random, least-request:choices=3,random' }).policies, [
    { label: 'random', name: 'random', parameters: {} },
    { label: 'least-request:choices=3', name: 'least-request', parameters: { choices: 3 } },
  ]);
});

test('--fail, --scale and --rollout', () => {
  const { events } = parse({ fail: '3@1s..1.5s,0..1@500ms..2s', scale: '20@3s,10@4s', rollout: '5s..6s' }).scenario;
  assert.equal(events, [
    { kind: 'fail', server: 3, fromUs: 1e6, toUs: 1.5e6 },
    { kind: 'fail', server: 0, fromUs: 5e5, toUs: 2e6 },
    { kind: 'fail', server: 1, fromUs: 5e5, toUs: 2e6 },
    { kind: 'scale', servers: 20, atUs: 3e6 },
    { kind: 'scale', servers: 10, atUs: 4e6 },
    { kind: 'rollout', fromUs: 5e6, toUs: 6e6 },
  ]);
});

test('--trace: times from the first request on, also over midnight, and work by tokens', () => {
  const { arrivals } = parse({ trace: 'good.csv', 'token-time': '10ms' }).scenario;
  assert.ok(arrivals.kind === 'trace');
  assert.is(arrivals.name, 'good.csv');
  assert.equal([...arrivals.atUs], [0, 750_000, 2_000_000]);
  assert.equal([...arrivals.workUs], [440_000, 10_000, 550_000]);
});
test('--trace with --requests, --rate or --load: the first ones, pressed together or apart', () => {
  assert.is(durationUs(parse({ trace: 'good.csv', requests: '2' }).scenario), 750_000);
  assert.is(durationUs(parse({ trace: 'good.csv', rate: '3' }).scenario), 1_000_000);
  assert.ok(Math.abs(offeredLoad(parse({ trace: 'good.csv', load: '0.5' }).scenario) - 0.5) < 1e-9);
});

const wrong: { texts: ServiceTexts; says: RegExp[] }[] = [
  { texts: { servers: '0' }, says: [/--servers: '0' is not a whole number from 1 to 10000/] },
  { texts: { servers: '10001' }, says: [/--servers/] },
  {
    texts: { servers: '10000', concurrency: '101' },
    says: [/--concurrency: servers × concurrency is more than 1000000/],
  },
  {
    texts: { zones: 'a=0,b,a=1', 'zone-clients': 'c=99999', 'zone-routing': 'nearest' },
    says: [
      /--zones: 'b' is not a zone/,
      /--zones: zone 'a' is there twice/,
      /--zones: no zone has servers/,
      /--zone-clients: 'c=99999'/,
      /--zone-routing: 'nearest' is none of/,
    ],
  },
  {
    texts: { 'zone-clients': 'a=1', 'zone-routing': 'none' },
    says: [/--zone-clients: goes with --zones only/, /--zone-routing: goes with --zones only/],
  },
  {
    texts: { zones: 'a=1,b=1,c=1', balancers: '30' },
    says: [/--balancers: zones × balancers is more than 64/],
  },
  {
    texts: { affinity: '1500ms', 'slow-start': 'soon', eject: '2h' },
    says: [/--affinity.*whole number of seconds/, /--slow-start/, /--eject/],
  },
  {
    texts: { requests: '1.5', clients: '-1', balancers: '65', attempts: '17' },
    says: [/requests/, /clients/, /balancers/, /attempts/],
  },
  { texts: { rate: '0' }, says: [/--rate: '0' is not a number from/] },
  { texts: { rate: '1', load: '1' }, says: [/--load: does not go with --rate/] },
  { texts: { 'service-time': 'normal:10ms' }, says: [/'normal' is none of fixed, exp/] },
  { texts: { 'service-time': 'exp:10' }, says: [/'10' is not a mean/] },
  { texts: { 'service-time': 'exp:10ms:2' }, says: [/more parts than exp takes/] },
  { texts: { 'service-time': 'pareto:10ms:1' }, says: [/'1' is not a alpha from 1.01/] },
  { texts: { 'service-time': 'pareto:10ms:' }, says: [/alpha/] },
  { texts: { speeds: '1,0,fast,2x0' }, says: [/'0' is/, /'fast' is/, /'2x0' is/] },
  {
    texts: { policy: 'best,least-request:pick=2,random:a=1,least-request:choices=' },
    says: [/'best'/, /'pick=2': least-request has choices/, /random has no parameters/, /'choices=' is not from 1/],
  },
  { texts: { fail: '3' }, says: [/--fail: '3' is not a server and its time/] },
  { texts: { fail: '3@2s..1s' }, says: [/--fail: 2s..1s ends before it begins/] },
  { texts: { fail: '10@1s..2s' }, says: [/there is no server 10; they are numbered from 0 to 9/] },
  { texts: { fail: '3@1s..3s,3@2s..4s' }, says: [/server 3 is to fail while it is down/] },
  { texts: { fail: '4..3@1s..3s' }, says: [/4..3 runs backwards/] },
  { texts: { scale: '0@1s,x@1s,5' }, says: [/0 servers are not/, /'x@1s'/, /'5'/] },
  { texts: { scale: '5@2h' }, says: [/--scale: 2h is after the last request, at 35.71s/] },
  { texts: { rollout: '1s..5s,3s..6s' }, says: [/--rollout: 3s..6s begins before the one before it ends/] },
  { texts: { rollout: '1s..5s', scale: '5@5s' }, says: [/--rollout: 1s..5s has a --scale in it/] },
  {
    texts: { servers: '10000', rollout: '1ms..2ms,3ms..4ms,5ms..6ms,7ms..8ms,9ms..10ms,11ms..12ms' },
    says: [/70000 servers in all; there is room for 60000/],
  },
  {
    texts: { seeds: 'x', trace: 'none.csv', 'service-time': 'exp' },
    says: [/--seeds/, /none.csv: cannot be read/, /--service-time: does not go with --trace/],
  },
  { texts: { 'token-time': '1ms' }, says: [/--token-time: goes with --trace only/] },
  {
    texts: { trace: 'late.csv' },
    says: [/late.csv:4: TIMESTAMP: earlier than/, /late.csv:4: GeneratedTokens: 'x' is not a whole number/],
  },
];
for (const { texts, says } of wrong) {
  test(`wrong: ${JSON.stringify(texts)}`, () => {
    try {
      parse(texts);
    } catch (error) {
      assert.instance(error, ApiError);
      assert.is((error as ApiError).problems.length, says.length, (error as ApiError).message);
      for (const pattern of says) assert.match((error as ApiError).message, pattern);
      return;
    }
    assert.unreachable('it was taken');
  });
}

const spelled = [
  { text: '250us', us: 250 },
  { text: '1.5s', us: 1_500_000 },
  { text: '2h', us: 7_200_000_000 },
  { text: '10', us: undefined },
  { text: '-1s', us: undefined },
  { text: '1 s', us: undefined },
  { text: '1e3s', us: undefined },
];
for (const { text, us } of spelled) {
  test(`time: '${text}'`, () => {
    assert.is(parseTimeUs(text), us);
    if (us !== undefined) assert.is(formatTimeUs(us), text);
  });
}

test.run();
