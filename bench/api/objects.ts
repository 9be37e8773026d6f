/** What is created in the benchmarks of the API: small objects, and pods of one template. */
import type { KubeObject } from '../../core/index.ts';

export const CONFIG_MAPS = { group: '', resource: 'configmaps' };
export const PODS = { group: '', resource: 'pods' };

/** Some 400 bytes as it is stored. */
export function configMap(name: string): KubeObject {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'x'.repeat(200) } } as KubeObject;
}

/** @param more beside its container, in the spec. */
export function pod(name: string, more: object = {}): KubeObject {
  const metadata = { name, namespace: 'default', labels: { app: 'bench' } };
  const containers = [{ name: 'c', image: 'c:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...more } } as KubeObject;
}
