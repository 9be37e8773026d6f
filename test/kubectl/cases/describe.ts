/** `describe` dereferences what a real server always fills in: one case a kind. */
import type { CaseGroup, KubectlCase, Patterns } from '../case.ts';
import { oneOfEach } from '../objects.ts';

/** All objects are made, one kind is described: what it says shows that kubectl understood. */
const kinds: readonly { of: string; out: Patterns; telling?: true }[] = [
  {
    of: 'pod web',
    out: [/^Node: +(node-\d\/172|real\/\d+)/m, /^QoS Class: +(BestEffort|Burstable|Guaranteed)/m, /Normal +Scheduled/],
    telling: true,
  },
  { of: 'node node-0', out: [/Allocated resources:/, /HolderIdentity: +node-0/, /PodCIDR: /] },
  { of: 'deployment web', out: [/StrategyType: +RollingUpdate/, /25% max unavailable/], telling: true },
  { of: 'rs,rc', out: [/Replicas: +\d current \/ 1 desired/, /Pods Status:/] },
  { of: 'sts,ds', out: [/Update Strategy: +RollingUpdate/, /Node-Selector:/] },
  { of: 'job once', out: [/Completion Mode: +NonIndexed/, /Parallelism: +1/] },
  { of: 'cronjob often', out: [/Schedule: +\*\/5/, /Concurrency Policy: +Allow/] },
  { of: 'svc web', out: [/Type: +ClusterIP/, /TargetPort: +8080\/TCP/, /Session Affinity: +None/] },
  { of: 'ep,endpointslices', out: [/10\.1\.2\.3/, /AddressType: +IPv4/] },
  { of: 'cm,secret,sa', out: [/^Data$/m, /Type: +Opaque/, /Mountable secrets:/] },
  { of: 'pvc disk', out: /Status: +Pending/ },
  { of: 'pv,sc', out: [/Reclaim Policy: +Retain/, /VolumeBindingMode: +Immediate/] },
  { of: 'ing,netpol', out: [/Default backend:/, /PodSelector: +<none>/] },
  { of: 'pdb,hpa', out: [/Min available: +1/, /Max replicas: +3/] },
  { of: 'role,rolebinding', out: [/pods +\[\] +\[\] +\[get\]/, /User +jane/] },
  { of: 'quota,limits', out: [/configmaps +\d+ +10/, /Container +cpu/] },
  { of: 'ns $NS', out: [/Status: +Active/, /Resource Quotas/, /Resource Limits/] },
  { of: 'priorityclass $NS-high', out: [/Value: +7/, /PreemptionPolicy: +PreemptLowerPriority/] },
  { of: 'clusterrole view', out: /pods\/log +\[\] +\[\] +\[get list watch\]/ },
  { of: 'clusterrolebinding cluster-admin', out: /Group +system:masters/ },
  { of: 'crd,apiservices', out: /Kind: +APIService/ },
  { of: 'leases -n kube-node-lease', out: /Holder Identity: +node-0/ },
];

const cases = kinds.map(
  ({ of, out, telling }): KubectlCase => ({
    name: `describe ${of}`,
    given: oneOfEach,
    ...(telling && { telling }),
    steps: [{ run: `kubectl describe ${of}`, out }],
  }),
);

export const describe: CaseGroup = {
  name: 'describe',
  cases: [
    ...cases,
    {
      name: 'describe by prefix, -l, none',
      given: oneOfEach,
      steps: [
        { run: 'kubectl describe pod we', out: /^Name: +web$/m },
        { run: 'kubectl describe pods -l app=web --show-events=false', out: /^Name: +web$/m, lacks: /Events:/ },
        { run: 'kubectl describe pod none', exit: 1, err: /pods "none" not found/ },
      ],
    },
  ],
};
