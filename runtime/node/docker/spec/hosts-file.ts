/** What a pod is called, and its `/etc/hosts`. Source: Kubernetes v1.36, pkg/kubelet/kubelet_pods.go. */
import type { V1Pod } from '@kubernetes/client-node';
import { namespaceOf } from './lookups.ts';

const CLUSTER_DOMAIN = 'cluster.local';
/** As the kernel takes it. */
const LONGEST_HOSTNAME = 63;

const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** Of the pod: its whole name where it asks for that. */
export function hostnameOf(pod: V1Pod): string {
  const short = (pod.spec?.hostname || pod.metadata?.name || '').slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, '');
  return pod.spec?.setHostnameAsFQDN ? (fullNameOf(pod, short) ?? short) : short;
}

function fullNameOf(pod: V1Pod, short: string): string | undefined {
  const { subdomain } = pod.spec ?? {};
  return subdomain ? `${short}.${subdomain}.${namespaceOf(pod)}.svc.${CLUSTER_DOMAIN}` : undefined;
}

/** @param ofNode the machine's own file, for pods on its network. */
export function hostsFile(pod: V1Pod, podIP: string, ofNode: string): string {
  const lines = pod.spec?.hostNetwork
    ? ['# Kubernetes-managed hosts file (host network).', ofNode.trimEnd()]
    : ['# Kubernetes-managed hosts file.', ...LOCAL, `${podIP}\t${ownNames(pod)}`];
  const aliases = pod.spec?.hostAliases ?? [];
  if (aliases.length > 0) lines.push('', '# Entries added by HostAliases.');
  for (const { ip, hostnames = [] } of aliases) lines.push([ip, ...hostnames].join('\t'));
  return `${lines.join('\n')}\n`;
}

function ownNames(pod: V1Pod): string {
  const short = hostnameOf({ ...pod, spec: { ...pod.spec, containers: [], setHostnameAsFQDN: false } });
  const full = fullNameOf(pod, short);
  return full ? `${full}\t${short}` : short;
}
