/** wait and events. */
import type { CaseGroup } from '../case.ts';
import { configMap, deployment, pod } from '../objects.ts';

export const waiting: CaseGroup = {
  name: 'wait',
  cases: [
    {
      name: 'wait --for=condition, jsonpath',
      telling: true,
      given: [pod('web'), deployment('web')],
      steps: [
        { run: 'kubectl wait pod/web --for=condition=Ready --timeout=10s', out: /pod\/web condition met/ },
        {
          run: "kubectl wait pod -l app=web --for=jsonpath='{.status.phase}'=Running --timeout=10s",
          out: /condition met/,
        },
        {
          run: 'kubectl wait deploy/web --for=condition=Never --timeout=1s',
          exit: 1,
          err: /timed out waiting for the condition/,
        },
        {
          begin: "kubectl wait deploy/web --for=jsonpath='{.spec.replicas}'=7 --timeout=20s",
          ready: /^/,
          steps: ['kubectl scale deploy web --replicas=7'],
          out: /condition met/,
          exit: 0,
        },
      ],
    },
    {
      name: 'wait --for=delete',
      given: [configMap('one')],
      steps: [
        {
          begin: 'kubectl wait cm/one --for=delete --timeout=20s',
          ready: /^/,
          steps: ['sleep 0.5', 'kubectl delete cm one'],
          exit: 0,
        },
        'kubectl wait cm/never --for=delete --timeout=5s || true',
      ],
    },
    {
      name: 'wait --for=create',
      steps: [
        {
          begin: 'kubectl wait cm/late --for=create --timeout=20s',
          ready: /^/,
          steps: ['sleep 0.5', 'kubectl create cm late'],
          out: /condition met/,
          exit: 0,
        },
      ],
      before: { version: '1.31', why: '--for=create came with 1.31' },
    },
    {
      name: 'events, --for, --types, get events',
      given: [pod('web')],
      steps: [
        {
          run: 'kubectl events',
          again: true,
          out: [/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/m, /Normal +Scheduled +Pod\/web +Successfully assigned/],
        },
        { run: 'kubectl events --for=pod/web', out: /Scheduled/ },
        { run: 'kubectl events --for=pod/none', err: /No events found/ },
        { run: 'kubectl events --types=Warning', lacks: /Scheduled/ },
        { run: 'kubectl get events --field-selector=involvedObject.name=web,reason=Scheduled', out: /pod\/web/ },
        { run: 'kubectl get events.events.k8s.io', out: /pod\/web/ },
        {
          begin: 'kubectl events -w',
          ready: /Scheduled/,
          steps: ['kubectl run later --image=a'],
          out: /Pod\/later/,
        },
      ],
    },
  ],
};
