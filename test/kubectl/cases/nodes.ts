/** What is done to nodes, and what is measured. */
import type { CaseGroup } from '../case.ts';
import { fullBudget, pod } from '../objects.ts';

export const nodes: CaseGroup = {
  name: 'nodes',
  cases: [
    {
      name: 'taint, --overwrite, removal',
      steps: [
        { run: 'kubectl taint node node-0 $NS=1:PreferNoSchedule', out: /node\/node-0 tainted/ },
        { run: 'kubectl taint node node-0 $NS=2:PreferNoSchedule', exit: 1, err: /already has/ },
        { run: 'kubectl taint node node-0 $NS=2:PreferNoSchedule --overwrite', out: /node\/node-0 modified/ },
        { run: "kubectl get node node-0 -o jsonpath='{.spec.taints[*].value}'", out: /2/ },
        { run: 'kubectl taint node node-0 $NS-', out: /node\/node-0 untainted/ },
        { run: 'kubectl label node node-0 $NS=x && kubectl label node node-0 $NS-', out: [/labeled/, /unlabeled/] },
      ],
    },
    {
      name: 'cordon, uncordon',
      alone: true,
      steps: [
        { run: 'kubectl cordon node-2', out: /node\/node-2 cordoned/ },
        { run: 'kubectl cordon node-2', out: /already cordoned/ },
        { run: 'kubectl get node node-2', out: /Ready,SchedulingDisabled/ },
        { run: 'kubectl uncordon node-2', out: /node\/node-2 uncordoned/ },
        { run: 'kubectl get node node-2', out: / Ready / },
      ],
    },
    {
      name: 'drain evicts',
      telling: true,
      alone: true,
      given: [pod('web', { nodeName: 'node-2' })],
      steps: [
        { run: 'kubectl drain node-2 --dry-run=server --force', out: /\(server dry run\)/ },
        'kubectl get pod web',
        { run: 'kubectl drain node-2', exit: 1, err: /cannot delete .*declare no controller/ },
        {
          run: 'kubectl drain node-2 --force --timeout=15s',
          out: [/evicting pod \S+\/web|node\/node-2 drained/, /node\/node-2 drained/],
        },
        { run: 'kubectl get pod web', exit: 1, err: /NotFound/ },
        { run: 'kubectl drain node-2 --disable-eviction --force', out: /drained/ },
        'kubectl uncordon node-2',
      ],
    },
    {
      name: 'drain waits for a budget',
      alone: true,
      given: [pod('web', { nodeName: 'node-2' }), fullBudget('web')],
      steps: [
        {
          run: 'kubectl drain node-2 --force --timeout=3s',
          exit: 1,
          err: /Cannot evict pod as it would violate the pod's disruption budget[\s\S]*will retry after 5s|will retry after 5s[\s\S]*disruption budget/,
        },
        'kubectl get pod web',
        'kubectl uncordon node-2',
      ],
    },
    {
      name: 'top nodes, top pods',
      telling: true,
      given: [pod('web')],
      steps: [
        { run: 'kubectl top nodes', again: true, out: [/^NAME +CPU\(cores\)/m, /^node-1 +\d+m +\d+% +\d+Mi +\d+%/m] },
        { run: 'kubectl top pods', again: true, out: /^web +\d+m +\d+Mi/m },
        { run: 'kubectl top pods --containers --no-headers', out: /^web +main +\d+m/m },
        { run: 'kubectl top pod web --sum', out: /\d+m +\d+Mi/ },
        { run: 'kubectl top node node-1 --sort-by=cpu', out: /^node-1 /m },
        { run: 'kubectl get podmetrics,nodemetrics', out: [/podmetrics\S+\/web/, /nodemetrics\S+\/node-1/] },
      ],
    },
  ],
};
