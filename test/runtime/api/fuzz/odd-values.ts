/** Values that a body may hold and nobody meant: of every JSON type, at the edges, and with names that objects inherit. */
import type { Random } from '../../../../core/index.ts';

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)];
}

/** True once in `n` times. */
export function once(random: Random, n: number): boolean {
  return random.below(n) === 0;
}

/** Keys that JavaScript gives a meaning to, beside some that Kubernetes does. */
export const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'length',
  'then',
  '',
  'a.b/c',
];

const TEXTS = [
  ...['', ' ', 'a', 'A', '-', '.', '..', '/', '%', '%2F', '*', '\\', '"', "'", '\0', '\n', 'é', '💥', '\ud800', 'a b'],
  ...[
    'default',
    'kube-system',
    'o-0',
    'o-1',
    'a',
    'v1',
    'apps/v1',
    'a/b/c',
    'Pod',
    'Deployment',
    'null',
    'true',
    '__proto__',
  ],
  ...[
    '1',
    '-1',
    '0',
    '1Gi',
    '100m',
    '1e400',
    '1e3',
    '-5',
    '50%',
    '101%',
    '-1%',
    '99999999999999999999',
    '0x10',
    'NaN',
    'Ki',
  ],
  ...['2026-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '0000-00-00T00:00:00Z', '9999-12-31T23:59:59.999999Z', 'now'],
  ...['10.0.0.1', '10.0.0.300', '::1', '10.0.0.0/8', '10.0.0.0/33', 'fe80::1%eth0', 'http', 'https://a', 'unix:///a'],
  ...[
    'Always',
    'Never',
    'None',
    'TCP',
    'ClusterIP',
    'ExternalName',
    'LoadBalancer',
    'In',
    'Exists',
    'NoExecute',
    'Recreate',
  ],
  ...['*/5 * * * *', '* * * * * *', '61 * * * *', '@every 1s', 'TZ=UTC * * * * *', 'Europe/Berlin', 'Nowhere/City'],
  ...[
    'kubernetes.io/service-account-token',
    'kubernetes.io/tls',
    'kubernetes.io/dockerconfigjson',
    'foregroundDeletion',
  ],
  ...[
    'orphan',
    'kubernetes',
    '.spec.replicas',
    '{.a}',
    '[0]',
    '.spec.a[?(@.b=="c")].d',
    '.spec..a',
    '(',
    '(a+)+$',
    '[a-',
    '^a$',
  ],
  ...['Yg==', 'Yg=', 'LS0tLS1CRUdJTg==', '{"a":', '{"auths":{}}', 'x'.repeat(64), 'x'.repeat(254), 'a-'.repeat(40)],
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -0.5,
  80,
  65535,
  65536,
  2147483647,
  2147483648,
  -2147483649,
  2 ** 53,
  1e300,
  1e-7,
];

export function oddText(random: Random): string {
  return pick(random, TEXTS);
}

export function oddNumber(random: Random): number {
  return pick(random, NUMBERS);
}

/** Any JSON value, at most `depth` deep. */
export function oddValue(random: Random, depth = 2): unknown {
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return null;
    case 1:
      return once(random, 2);
    case 2:
      return oddNumber(random);
    case 3:
    case 4:
      return oddText(random);
    case 5:
      return Array.from({ length: random.below(3) }, () => oddValue(random, depth - 1));
    default: {
      const made: Record<string, unknown> = {};
      for (let left = random.below(3); left > 0; left--) {
        setOwn(made, once(random, 2) ? pick(random, ODD_KEYS) : oddText(random), oddValue(random, depth - 1));
      }
      return made;
    }
  }
}

/** Assignment for which '__proto__' is a key like any other. */
export function setOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}
