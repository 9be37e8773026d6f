/** What controllers make of it: rollouts, jobs, owned objects. Those whose controller is not there yet are named, and not run. */
import type { CaseGroup } from '../case.ts';
import { deployment, oneOfEach } from '../objects.ts';

const DONE = 'kubectl rollout status deploy web --timeout=20s';
const oneOf = (kind: string) => (namespace: string) => oneOfEach(namespace).filter((object) => object.kind === kind);

export const controllers: CaseGroup = {
  name: 'controllers',
  cases: [
    {
      name: 'rollout status, history, undo',
      given: [deployment('web')],
      steps: [
        { run: DONE, out: /successfully rolled out/ },
        `kubectl set image deploy web main=web:2 && kubectl annotate deploy web kubernetes.io/change-cause=second && ${DONE}`,
        {
          run: 'kubectl rollout history deploy web',
          again: true,
          out: [/^REVISION +CHANGE-CAUSE$/m, /^1 /m, /^2 +second$/m],
        },
        { run: 'kubectl rollout history deploy web --revision=2', out: /Image:\s+web:2/ },
        { run: 'kubectl rollout undo deploy web', out: /rolled back/ },
        { run: "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'", out: /^web:1$/ },
        DONE,
        { run: 'kubectl rollout undo deploy web --to-revision=2', out: /rolled back/ },
      ],
    },
    {
      name: 'a Deployment is scaled, exposed, available',
      given: [deployment('web')],
      steps: [
        { run: 'kubectl wait deploy/web --for=condition=Available --timeout=20s', out: /condition met/ },
        'kubectl scale deploy web --replicas=3',
        { run: 'kubectl get pods -l app=web --no-headers | grep -c Running', again: true, out: /^3$/m },
        'kubectl expose deploy web --port=80 --target-port=8080',
        {
          run: 'kubectl get endpointslices -l kubernetes.io/service-name=web',
          again: true,
          out: /\d+\.\d+\.\d+\.\d+,\d+\.\d+/,
        },
        { run: 'kubectl describe svc web', again: true, out: /Endpoints: +\d+\.\d+\.\d+\.\d+:8080/ },
        { run: 'kubectl describe deploy web', out: /NewReplicaSet: +web-\w+ \(3\/3 replicas created\)/ },
      ],
    },
    {
      name: 'delete --cascade=background, foreground, orphan',
      given: [deployment('web')],
      steps: [
        `${DONE} && kubectl delete deploy web --cascade=orphan`,
        { run: 'kubectl get rs,pods -l app=web -o name', out: [/replicaset.apps\/web-/, /pod\/web-/] },
        { run: 'kubectl delete rs -l app=web --cascade=foreground', out: /deleted/ },
        { run: 'kubectl get pods -l app=web', again: true, err: /No resources found/ },
        'kubectl create deployment back --image=a --replicas=2',
        { run: 'kubectl delete deploy back', out: /deleted/ },
        { run: 'kubectl get rs,pods -l app=back', again: true, err: /No resources found/ },
      ],
    },
    {
      name: 'delete a namespace and all in it',
      steps: [
        'kubectl create ns $NS-x && kubectl create cm a -n $NS-x && kubectl run p --image=a -n $NS-x',
        { run: 'kubectl delete ns $NS-x --timeout=20s', out: /deleted/ },
        { run: 'kubectl get ns $NS-x', exit: 1, err: /NotFound/ },
      ],
    },
    {
      name: 'wait for a Job to complete; logs of a job',
      steps: [
        'kubectl create job j --image=a -- echo line 1',
        { run: 'kubectl wait job/j --for=condition=Complete --timeout=20s', out: /condition met/ },
        { run: 'kubectl get job j --no-headers', out: /^j +Complete +1\/1/ },
        { run: 'kubectl logs job/j', out: /line 1/ },
      ],
    },
    {
      name: 'rollout status of a StatefulSet and a DaemonSet',
      needs: 'controller',
      given: (namespace) => [...oneOf('StatefulSet')(namespace), ...oneOf('DaemonSet')(namespace)],
      steps: [
        { run: 'kubectl rollout status sts web --timeout=20s', out: /rolling update complete|roll out complete/ },
        { run: 'kubectl rollout status ds web --timeout=20s', out: /successfully rolled out/ },
        { run: 'kubectl rollout history ds web', out: /^1 /m },
      ],
    },
    {
      name: 'a budget is worked out by its controller',
      given: (namespace) => [deployment('web'), ...oneOf('PodDisruptionBudget')(namespace)],
      steps: [{ run: 'kubectl get pdb web --no-headers', again: true, out: /^web +1 +N\/A +1 / }],
    },
  ],
};
