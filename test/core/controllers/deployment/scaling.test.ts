/** How far an update may stray, and how a new size is shared among the sets. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maxSurge, maxUnavailable } from '../../../../core/controllers/deployment/fenceposts.ts';
import { proportionalSizes } from '../../../../core/controllers/deployment/scaling.ts';
import type { Deployment, ReplicaSet } from '../../../../core/controllers/kinds.ts';

type Limit = number | string | undefined;

function deployment(replicas: number, surge?: Limit, unavailable?: Limit, type = 'RollingUpdate'): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas,
      selector: {},
      template: { spec: { containers: [] } },
      strategy: { type, rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
    },
  };
}

const posts: { name: string; of: Deployment; surge: number; unavailable: number }[] = [
  { name: 'a quarter of ten: up for more, down for less', of: deployment(10), surge: 3, unavailable: 2 },
  { name: 'numbers stand', of: deployment(10, 1, 4), surge: 1, unavailable: 4 },
  {
    name: 'a share of little rounds to one more and none less',
    of: deployment(1, '1%', '99%'),
    surge: 1,
    unavailable: 0,
  },
  { name: 'with neither, one may be missing', of: deployment(5, 0, 0), surge: 0, unavailable: 1 },
  { name: 'with neither, as shares', of: deployment(5, '0%', '19%'), surge: 0, unavailable: 1 },
  { name: 'never more missing than there are', of: deployment(2, 0, 7), surge: 0, unavailable: 2 },
  { name: 'nothing of nothing', of: deployment(0, 0, 0), surge: 0, unavailable: 0 },
  { name: 'Recreate has neither', of: deployment(5, 3, 3, 'Recreate'), surge: 0, unavailable: 0 },
];
for (const { name, of, surge, unavailable } of posts) {
  test(`limits: ${name}`, () => assert.equal([maxSurge(of), maxUnavailable(of)], [surge, unavailable]));
}

/** Later ones are younger. */
function sets(...sizes: [replicas: number, noted: number][]): ReplicaSet[] {
  return sizes.map(([replicas, noted], i) => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `s${i}`,
      uid: `s${i}`,
      creationTimestamp: `2026-01-01T00:00:0${i}Z`,
      annotations: { 'deployment.kubernetes.io/max-replicas': String(noted) },
    },
    spec: { replicas },
  }));
}

const shares: { name: string; of: Deployment; from: [number, number][]; to: number[] }[] = [
  {
    name: '10 to 15 with surge 3: 8+5 of 13 become 11+7 of 18',
    of: deployment(15, 3),
    from: [
      [8, 13],
      [5, 13],
    ],
    to: [11, 7],
  },
  {
    name: 'what rounding leaves goes to the largest',
    of: deployment(10, 0),
    from: [
      [3, 7],
      [2, 7],
      [2, 7],
    ],
    to: [4, 3, 3],
  },
  {
    name: 'of two of one size the newer grows',
    of: deployment(3, 0),
    from: [
      [1, 2],
      [1, 2],
    ],
    to: [1, 2],
  },
  {
    name: 'of two of one size the older shrinks',
    of: deployment(5, 0),
    from: [
      [3, 6],
      [3, 6],
    ],
    to: [2, 3],
  },
  {
    name: 'to nothing',
    of: deployment(0, 2),
    from: [
      [5, 12],
      [7, 12],
    ],
    to: [0, 0],
  },
  {
    name: 'the same size stays',
    of: deployment(12, 0),
    from: [
      [5, 12],
      [7, 12],
    ],
    to: [5, 7],
  },
  {
    name: 'sets without pods are left alone',
    of: deployment(4, 0),
    from: [
      [0, 2],
      [2, 2],
    ],
    to: [0, 4],
  },
];
for (const { name, of, from, to } of shares) {
  test(`in proportion: ${name}`, () => {
    const all = sets(...from);
    const sizes = new Map(proportionalSizes(of, all));
    assert.equal(
      all.map((set) => sizes.get(set) ?? set.spec.replicas),
      to,
    );
  });
}

test.run();
