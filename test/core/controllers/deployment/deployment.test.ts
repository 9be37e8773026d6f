/** Steps of a Deployment that properties do not show: Recreate, pause, deadlines, revisions, names that are taken. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deploymentController } from '../../../../core/controllers/deployment/deployment.ts';
import { sameTemplate, templateHash } from '../../../../core/controllers/deployment/template.ts';
import type { Deployment, ReplicaSet } from '../../../../core/controllers/kinds.ts';
import { replicaSetController } from '../../../../core/controllers/replica-set/replica-set.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../../../core/controllers/resources.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import { type KubeObject, keyOf, type Pod } from '../../../../core/objects/types.ts';
import { ControlledWorld } from '../../../support/controlled-world.ts';

const KINDS = [
  { ...DEPLOYMENTS, apiVersion: 'apps/v1', kind: 'Deployment', namespaced: true },
  { ...REPLICA_SETS, apiVersion: 'apps/v1', kind: 'ReplicaSet', namespaced: true },
  { ...PODS, apiVersion: 'v1', kind: 'Pod', namespaced: true },
];
const KEY = 'default/web';

function deployment(spec: object = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', annotations: { note: 'x' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'v1' }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  } as Deployment;
}

class Play {
  readonly world = new ControlledWorld({
    kinds: KINDS,
    controllers: () => [deploymentController(), replicaSetController()],
    written: (action) => {
      if (action.type === 'create' && action.object.kind === 'Pod') this.most = Math.max(this.most, this.pods.length);
    },
  });
  /** Pods there were at once. */
  most = 0;
  /** Pods become ready. */
  healthy = true;

  constructor(from: Deployment) {
    this.world.create(DEPLOYMENTS, from);
    this.settle();
  }

  get deployment(): Deployment {
    return this.world.truth.get(DEPLOYMENTS, 'default', 'web') as Deployment;
  }

  get pods(): Pod[] {
    return this.world.truth.list(PODS) as Pod[];
  }

  /** Image, size and revision, in the order of revisions. */
  get sets(): string[] {
    const all = this.world.truth.list(REPLICA_SETS) as ReplicaSet[];
    return all
      .map(({ spec, metadata }) => ({ spec, revision: metadata.annotations?.['deployment.kubernetes.io/revision'] }))
      .sort((a, b) => Number(a.revision) - Number(b.revision))
      .map(({ spec, revision }) => `${spec.template?.spec.containers[0].image} x${spec.replicas} #${revision}`);
  }

  condition(type: string): string {
    const found = this.deployment.status?.conditions?.find((one) => one.type === type);
    return found ? `${found.status} ${found.reason}` : '';
  }

  change(spec: object): void {
    this.world.change(
      DEPLOYMENTS,
      KEY,
      (object) => ({ ...object, spec: { ...(object as Deployment).spec, ...spec } }) as KubeObject,
    );
    this.settle();
  }

  image(image: string): void {
    const { template } = this.deployment.spec;
    this.change({ template: { ...template, spec: { containers: [{ name: 'a', image }] } } });
  }

  settle(): void {
    this.world.settle(() => this.#kubelet());
  }

  #kubelet(): boolean {
    const going = this.pods.find(({ metadata }) => metadata.deletionTimestamp);
    if (going) this.world.remove(PODS, keyOf(going));
    const starting = this.pods.find(({ status }) => this.healthy && status?.phase !== 'Running');
    if (starting) {
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(this.world.nowMs) }];
      this.world.change(
        PODS,
        keyOf(starting),
        (object) => ({ ...object, status: { phase: 'Running', conditions } }) as KubeObject,
      );
    }
    return going !== undefined || starting !== undefined;
  }
}

test('a first rollout makes one set of revision 1, with the annotations of the Deployment', () => {
  const play = new Play(deployment());
  assert.equal(play.sets, ['v1 x2 #1']);
  const [set] = play.world.truth.list(REPLICA_SETS);
  assert.is(set.metadata.annotations?.note, 'x');
  assert.is(set.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'], '2');
  assert.is(set.metadata.annotations?.['deployment.kubernetes.io/max-replicas'], '3');
  assert.is(play.deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  assert.is(play.condition('Available'), 'True MinimumReplicasAvailable');
  assert.is(play.condition('Progressing'), 'True NewReplicaSetAvailable');
});

test('a template that comes back is a new revision of its old set, which remembers the one it was', () => {
  const play = new Play(deployment());
  play.image('v2');
  assert.equal(play.sets, ['v1 x0 #1', 'v2 x2 #2']);
  play.image('v1');
  assert.equal(play.sets, ['v2 x0 #2', 'v1 x2 #3']);
  const set = play.world.truth.list(REPLICA_SETS).find((one) => (one as ReplicaSet).spec.replicas === 2);
  assert.is(set?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
});

test('no more old sets are kept than the history holds', () => {
  const play = new Play(deployment({ revisionHistoryLimit: 1 }));
  for (const image of ['v2', 'v3', 'v4']) play.image(image);
  assert.equal(play.sets, ['v3 x0 #3', 'v4 x2 #4']);
});

test('a rolling update never has more pods than the surge allows', () => {
  const play = new Play(deployment({ replicas: 4 }));
  play.most = 0;
  play.image('v2');
  assert.is(play.most, 5);
});

test('Recreate lets all old pods go before the first new one', () => {
  const play = new Play(deployment({ replicas: 3, strategy: { type: 'Recreate' } }));
  play.most = 0;
  play.image('v2');
  assert.is(play.most, 3);
  assert.equal(play.sets, ['v1 x0 #1', 'v2 x3 #2']);
});

test('what is paused is scaled and not rolled, and goes on when it may', () => {
  const play = new Play(deployment());
  play.change({ paused: true });
  assert.is(play.condition('Progressing'), 'Unknown DeploymentPaused');
  play.image('v2');
  play.change({ replicas: 4 });
  assert.equal(play.sets, ['v1 x4 #1']);
  play.change({ paused: false });
  assert.equal(play.sets, ['v1 x0 #1', 'v2 x4 #2']);
  assert.is(play.condition('Progressing'), 'True NewReplicaSetAvailable');
});

test('an update that does not come on misses its deadline, keeps what runs, and may be taken back', () => {
  const play = new Play(deployment());
  const before = play.world.nowMs;
  play.healthy = false;
  play.image('v2');
  assert.is(play.condition('Progressing'), 'False ProgressDeadlineExceeded');
  assert.ok(play.world.nowMs - before >= 600_000);
  assert.is(play.condition('Available'), 'True MinimumReplicasAvailable');
  assert.equal(play.sets, ['v1 x2 #1', 'v2 x1 #2']);
  play.image('v1');
  assert.equal(play.sets, ['v2 x0 #2', 'v1 x2 #3']);
  assert.is(play.condition('Progressing'), 'True NewReplicaSetAvailable');
});

test('a Deployment in the midst of an update is scaled in proportion', () => {
  const play = new Play(
    deployment({ replicas: 8, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } }),
  );
  play.healthy = false;
  play.image('v2');
  assert.equal(play.sets, ['v1 x8 #1', 'v2 x2 #2']);
  play.change({ replicas: 18 });
  assert.equal(play.sets, ['v1 x16 #1', 'v2 x4 #2']);
});

test('a name that another set has is avoided, and the collision counted', () => {
  const template = deployment().spec.template;
  const name = `web-${templateHash(deployment())}`;
  const play = new Play(deployment({ paused: true, replicas: 1 }));
  play.world.create(REPLICA_SETS, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default', labels: {} },
    spec: { replicas: 0, selector: { matchLabels: { other: 'x' } }, template },
  } as KubeObject);
  play.change({ paused: false });
  assert.is(play.deployment.status?.collisionCount, 1);
  assert.is(play.pods.length, 1);
});

test('a selector that selects everything is refused', () => {
  const play = new Play(deployment({ selector: {} }));
  assert.equal(play.sets, []);
  assert.is(play.deployment.status?.observedGeneration, 1);
});

const [base] = [deployment().spec.template];
const templates: { name: string; other: object; same: boolean }[] = [
  {
    name: 'empty fields are absent ones',
    other: { ...base, spec: { ...base.spec, nodeSelector: {}, volumes: null } },
    same: true,
  },
  {
    name: 'the hash label does not count',
    other: { ...base, metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } } },
    same: true,
  },
  { name: 'the order of fields does not count', other: { spec: base.spec, metadata: base.metadata }, same: true },
  {
    name: 'the order of containers does',
    other: { ...base, spec: { containers: [{ name: 'b' }, ...base.spec.containers] } },
    same: false,
  },
  {
    name: 'an annotation counts',
    other: { ...base, metadata: { ...base.metadata, annotations: { a: '' } } },
    same: false,
  },
];
for (const { name, other, same } of templates) {
  test(`templates: ${name}`, () => {
    assert.is(sameTemplate(base, other as typeof base), same);
    assert.is(
      templateHash(deployment()) === templateHash(deployment({ template: other })),
      same,
      'and so does the hash',
    );
  });
}

test.run();
