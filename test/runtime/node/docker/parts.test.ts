/** Back-off, probes' thresholds, the engine's frames, image pulls. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameReader } from '../../../../runtime/node/docker/engine/demux.ts';
import type { Engine } from '../../../../runtime/node/docker/engine/engine.ts';
import { BackOff } from '../../../../runtime/node/docker/pod/back-off.ts';
import { ensureImage } from '../../../../runtime/node/docker/pod/images.ts';
import { healthRequest, healthStatus } from '../../../../runtime/node/docker/probes/grpc-health.ts';
import { firstState, nextState, type ProbeKind } from '../../../../runtime/node/docker/probes/probe-state.ts';

test('back-off: at once, then 10 s doubling to 5 min, and from the beginning after twice that', () => {
  let now = 0;
  const backOff = new BackOff(() => now);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const due = backOff.until('a', now) ?? now;
    waits.push((due - now) / 1000);
    now = due;
    backOff.next('a', now);
  }
  assert.equal(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
  now += 600_001;
  assert.is(backOff.until('a', now), undefined);
  backOff.next('a', now);
  assert.is(backOff.durationMs('a'), 10_000);
});

for (const { name, kind, outcomes, thresholds, healthy } of [
  { name: 'alive before it is asked', kind: 'liveness', outcomes: [], healthy: true },
  { name: 'ready only when it has answered', kind: 'readiness', outcomes: [], healthy: false },
  { name: 'two failures are not three', kind: 'liveness', outcomes: [false, false], healthy: true },
  { name: 'three are', kind: 'liveness', outcomes: [false, false, false], healthy: false },
  {
    name: 'a success between begins the count again',
    kind: 'liveness',
    outcomes: [false, false, true, false, false],
    healthy: true,
  },
  {
    name: 'one success of two needed',
    kind: 'readiness',
    outcomes: [true],
    thresholds: { successThreshold: 2 },
    healthy: false,
  },
  {
    name: 'two in a row',
    kind: 'readiness',
    outcomes: [true, true],
    thresholds: { successThreshold: 2 },
    healthy: true,
  },
] as { name: string; kind: ProbeKind; outcomes: boolean[]; thresholds?: object; healthy: boolean }[]) {
  test(`probe: ${name}`, () => {
    const last = outcomes.reduce((state, outcome) => nextState(state, outcome, thresholds ?? {}), firstState(kind));
    assert.is(last.healthy, healthy);
  });
}

test('frames: the same bytes, however the wire cuts them', () => {
  const frames = fc.array(fc.record({ stderr: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (all, cuts) => {
      const wire = Buffer.concat(
        all.map(({ stderr, bytes }) => {
          const header = Buffer.alloc(8);
          header[0] = stderr ? 2 : 1;
          header.writeUInt32BE(bytes.length, 4);
          return Buffer.concat([header, bytes]);
        }),
      );
      const reader = new FrameReader();
      const got: Record<'true' | 'false', Buffer[]> = { true: [], false: [] };
      for (let at = 0, i = 0; at < wire.length; at += cuts[i++ % cuts.length]) {
        const piece = wire.subarray(at, at + cuts[i % cuts.length]);
        for (const { stderr, bytes } of reader.read(piece)) got[`${stderr}`].push(bytes);
      }
      for (const stderr of [true, false]) {
        const sent = Buffer.concat(all.filter((one) => one.stderr === stderr).map(({ bytes }) => bytes));
        assert.ok(Buffer.concat(got[`${stderr}`]).equals(sent));
      }
    }),
  );
});

test('images: never pulled, pulled in vain, waited for, pulled', async () => {
  let now = 0;
  let registry = false;
  let there = false;
  const told: string[] = [];
  const engine = {
    image: async () => (there ? { id: 'sha256:1', digest: '', sizeBytes: 5, user: '' } : undefined),
    async pull() {
      if (!registry) throw new Error('connection refused');
      there = true;
    },
  } as unknown as Engine;
  const pulls = { backOff: new BackOff(() => now), failures: new Map<string, string>() };
  let said = '';
  const ask = (imagePullPolicy?: string, image = 'r.example/i:1', missing: string[] = []) =>
    ensureImage(
      { name: 'a', image, imagePullPolicy },
      {
        engine,
        pulls,
        now: () => now,
        secrets: { logins: [], missing },
        tell: (_type, reason) => void told.push(reason),
      },
    )
      .then(() => 'pulled')
      .catch((error: { reason: string; message: string }) => {
        said = error.message;
        return error.reason;
      });
  assert.is(await ask('Never'), 'ErrImageNeverPull');
  assert.is(await ask(), 'ErrImagePull');
  assert.is(await ask(), 'ImagePullBackOff');
  assert.is(said, 'Back-off pulling image "r.example/i:1": ErrImagePull: connection refused');
  now = 10_000;
  assert.is(await ask('IfNotPresent', undefined, ['s']), 'ErrImagePull');
  now = 29_999;
  assert.is(await ask(), 'ImagePullBackOff', 'twice as long the second time');
  registry = true;
  now = 30_000;
  assert.is(await ask(), 'pulled');
  assert.is(await ask('Never'), 'pulled');
  assert.is(await ask('Never', 'r.example/I'), 'InvalidImageName');
  const why = 'invalid reference format: repository name (I) must be lowercase';
  assert.is(said, `Failed to apply default image tag "r.example/I": couldn't parse image name "r.example/I": ${why}`);
  assert.equal(told, [
    'ErrImageNeverPull',
    'Pulling',
    'Failed',
    'BackOff',
    'FailedToRetrieveImagePullSecret',
    'Pulling',
    'Failed',
    'BackOff',
    'Pulling',
    'Pulled',
    'Pulled',
    'InspectFailed',
  ]);
});

test('a health request names its service; an answer without a status is UNKNOWN', () => {
  assert.is(healthRequest('').length, 0);
  assert.equal([...healthRequest('ab')], [0x0a, 2, 0x61, 0x62]);
  assert.equal([...healthRequest('x'.repeat(300)).subarray(0, 3)], [0x0a, 0xac, 0x02]);
  assert.is(healthStatus(Buffer.alloc(0)), 0);
  assert.is(healthStatus(Buffer.from([0x08, 1])), 1);
});

test.run();
