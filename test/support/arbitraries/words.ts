/** The few names that random objects are made of, and how an object is put together from what was drawn. */
import fc from 'fast-check';
import type { KubeObject, Labels } from '../../../core/objects/types.ts';

export const NAMESPACES = ['default', 'shop', 'billing'];
export const APPS = ['web', 'api', 'db'];
export const TIERS = ['front', 'back'];
export const ZONE = 'topology.kubernetes.io/zone';
export const HOSTNAME = 'kubernetes.io/hostname';
export const KEYS = [ZONE, HOSTNAME, 'rack'];
export const IMAGES = ['nginx', 'redis:7', 'registry:5000/app'];
export const CLAIMS = ['data-0', 'data-1', 'data-2'];

/** Present in one of `freq` cases. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, freq = 4): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: freq - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

export const labels: fc.Arbitrary<Labels> = fc
  .record({
    app: fc.constantFrom(...APPS),
    tier: rarely(fc.constantFrom(...TIERS), 2),
    hash: rarely(fc.constantFrom('x', 'y')),
  })
  .map((pairs) => labelsOf(pairs));

export function meta(apiVersion: string, kind: string, name: string, fields: object, labels?: Labels): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(labels ? { labels } : {}) }, ...fields };
}

export function inDefault(apiVersion: string, kind: string, name: string, fields: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, ...fields };
}

export function labelsOf(pairs: Record<string, string | undefined>): Labels {
  return withoutUndefined(pairs) as Labels;
}

/** Fields that are undefined are left out, as JSON would have it. */
export function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: T[K];
  };
}
