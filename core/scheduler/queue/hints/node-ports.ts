/** Hints of NodePorts. Source: Kubernetes v1.36, plugins/nodeports. */
import { hostPortsOf } from '../../../cluster/pod-request.ts';
import { Action } from '../events.ts';
import { type Hint, podChange, type Registration } from './hint.ts';

export const nodePortsEvents: readonly Registration[] = [
  { resource: 'Pod', actions: Action.Delete, hint: freedWantedPort },
  { resource: 'Node', actions: Action.Add },
];

const ANY = '0.0.0.0';

function freedWantedPort(...[pod, event]: Parameters<Hint>): boolean {
  const { old } = podChange(event);
  if (!old || (!old.spec.nodeName && !old.status?.nominatedNodeName)) return false;
  const freed = hostPortsOf(old);
  return hostPortsOf(pod).some(({ ip, protocol, port }) =>
    freed.some(
      (held) => held.port === port && held.protocol === protocol && (held.ip === ip || held.ip === ANY || ip === ANY),
    ),
  );
}
