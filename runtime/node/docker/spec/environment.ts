/** The environment of a container. Source: Kubernetes v1.36, pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables. */
import type { V1Container, V1EnvVarSource, V1Pod } from '@kubernetes/client-node';
import { expand } from './expansion.ts';
import { fieldValue, resourceValue } from './field-refs.ts';
import { configProblem, type Lookups, namespaceOf } from './lookups.ts';
import { serviceVariables } from './service-env.ts';

/** @throws SpecProblem for a ConfigMap, Secret or key that is not there and not optional. */
export function environment(pod: V1Pod, container: V1Container, lookups: Lookups): Map<string, string> {
  const services = serviceVariables(pod, lookups.services());
  const variables = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const map = configMapRef ? dataOf('configMap', configMapRef, lookups) : dataOf('secret', secretRef ?? {}, lookups);
    for (const [key, value] of Object.entries(map ?? {})) variables.set(prefix + key, value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom
      ? valueFor(pod, container, valueFrom, lookups)
      : expand(value ?? '', scope(services, variables));
    if (found !== undefined) variables.set(name, found);
  }
  return scope(services, variables);
}

/** A pod's own variables go before those of Services. */
function scope(services: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...services, ...own]);
}

function valueFor(pod: V1Pod, container: V1Container, from: V1EnvVarSource, lookups: Lookups): string | undefined {
  if (from.fieldRef) return fieldValue(pod, from.fieldRef.fieldPath, lookups);
  if (from.resourceFieldRef) {
    const { containerName } = from.resourceFieldRef;
    const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    const target = containerName ? all.find(({ name }) => name === containerName) : container;
    return resourceValue(target, from.resourceFieldRef, lookups);
  }
  const [kind, ref] = from.configMapKeyRef
    ? (['configMap', from.configMapKeyRef] as const)
    : (['secret', from.secretKeyRef] as const);
  if (!ref) throw configProblem('a variable has a source that is not known');
  const data = dataOf(kind, ref, lookups);
  if (data && Object.hasOwn(data, ref.key)) return data[ref.key];
  if (ref.optional) return undefined;
  const place = `${namespaceOf(pod)}/${ref.name}`;
  throw configProblem(`couldn't find key ${ref.key} in ${kind === 'configMap' ? 'ConfigMap' : 'Secret'} ${place}`);
}

function dataOf(
  kind: 'configMap' | 'secret',
  { name = '', optional }: { name?: string; optional?: boolean },
  lookups: Lookups,
): Record<string, string> | undefined {
  if (kind === 'configMap') {
    const found = lookups.configMap(name);
    if (found) return found.data ?? {};
  } else {
    const found = lookups.secret(name);
    if (found) {
      const entries = Object.entries(found.data ?? {});
      return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
    }
  }
  if (optional) return undefined;
  throw configProblem(`${kind.toLowerCase()} "${name}" not found`);
}
