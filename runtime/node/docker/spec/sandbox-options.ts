/** The pause container of a pod, as the engine makes it: its network and IPC namespaces are those of the whole pod. */
import type { V1Pod } from '@kubernetes/client-node';
import { type CreateOptions, SANDBOX } from '../engine/engine.ts';
import { containerLabels, containerName } from '../engine/labels.ts';
import { PAUSE_IMAGE } from '../engine/pause-image.ts';
import { hostnameOf } from './hosts-file.ts';

/** @param volumes names of the pod's volumes in memory, which live as long as the sandbox mounts them. */
export function sandboxOptions(pod: V1Pod, attempt: number, owner: string, volumes: readonly string[]): CreateOptions {
  const { spec } = pod;
  const onHost = spec?.hostNetwork === true;
  const dns = spec?.dnsConfig;
  const ports = (spec?.containers ?? [])
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort }) => hostPort && !onHost);
  const named = ports.map((port) => ({
    ...port,
    key: `${port.containerPort}/${(port.protocol ?? 'TCP').toLowerCase()}`,
  }));
  const bindings: Record<string, { HostIp?: string; HostPort: string }[]> = {};
  for (const { key, hostIP, hostPort } of named) {
    (bindings[key] ??= []).push({ ...(hostIP && { HostIp: hostIP }), HostPort: String(hostPort) });
  }
  return {
    name: containerName(pod, SANDBOX, attempt),
    Image: PAUSE_IMAGE,
    Labels: containerLabels(pod, { owner, container: SANDBOX, attempt, sandbox: '', messageFile: '' }),
    ...(!onHost && { Hostname: hostnameOf(pod) }),
    // It knows no other; an engine that ends need not wait for it.
    StopSignal: 'SIGKILL',
    ExposedPorts: Object.fromEntries(named.map(({ key }) => [key, {}])),
    HostConfig: {
      NetworkMode: onHost ? 'host' : 'bridge',
      IpcMode: spec?.hostIPC ? 'host' : 'shareable',
      ...(spec?.hostPID && { PidMode: 'host' }),
      PortBindings: bindings,
      CpuShares: 2,
      ...(dns?.nameservers && { Dns: dns.nameservers }),
      ...(dns?.searches && { DnsSearch: dns.searches }),
      ...(dns?.options && {
        DnsOptions: dns.options.map(({ name, value }) => (value ? `${name}:${value}` : `${name}`)),
      }),
      Mounts: volumes.map((name) => ({ Type: 'volume' as const, Source: name, Target: `/volumes/${name}` })),
      ...(spec?.securityContext?.sysctls && {
        Sysctls: Object.fromEntries(spec.securityContext.sysctls.map(({ name, value }) => [name, value])),
      }),
    },
  };
}
