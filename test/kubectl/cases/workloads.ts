/** Workloads and Services: what kubectl does to them without a controller having to act. */
import type { CaseGroup } from '../case.ts';
import { deployment, pod } from '../objects.ts';

export const workloads: CaseGroup = {
  name: 'workloads',
  cases: [
    {
      name: 'scale, --current-replicas',
      telling: true,
      given: [deployment('web')],
      steps: [
        { run: 'kubectl scale deploy web --replicas=4', out: /deployment.apps\/web scaled/ },
        {
          run: 'kubectl scale --current-replicas=9 --replicas=1 deploy/web',
          exit: 1,
          err: /Expected replicas to be 9, was 4/,
        },
        { run: 'kubectl scale --current-replicas=4 --replicas=1 deploy/web', out: /scaled/ },
        { run: "kubectl get deploy web -o jsonpath='{.spec.replicas}'", out: /^1$/ },
        {
          run: 'kubectl scale deploy none --replicas=1',
          exit: 1,
          err: /deployments.apps "none" not found|no objects passed to scale/,
        },
        { run: 'kubectl scale deploy web --replicas=2 --dry-run=server', out: /scaled \(server dry run\)/ },
      ],
    },
    {
      name: 'autoscale',
      given: [deployment('web')],
      steps: [
        {
          run: 'kubectl autoscale deploy web --min=2 --max=5 --cpu-percent=80',
          out: /horizontalpodautoscaler.autoscaling\/web autoscaled/,
        },
        { run: 'kubectl get hpa web --no-headers', out: /^web +Deployment\/web +.*80% +2 +5 +0/ },
        {
          run: "kubectl get horizontalpodautoscalers.v2.autoscaling web -o jsonpath='{.spec.metrics[0].resource.target.averageUtilization}'",
          out: /^80$/,
        },
        {
          run: "kubectl get horizontalpodautoscalers.v1.autoscaling web -o jsonpath='{.spec.targetCPUUtilizationPercentage}'",
          out: /^80$/,
        },
      ],
    },
    {
      name: 'expose',
      given: [deployment('web'), pod('one', {}, { app: 'one' })],
      steps: [
        { run: 'kubectl expose deploy web --port=80 --target-port=8080', out: /service\/web exposed/ },
        {
          run: "kubectl get svc web -o jsonpath='{.spec.selector.app} {.spec.ports[0].targetPort}'",
          out: /^web 8080$/,
        },
        { run: 'kubectl expose pod one --port=8080 --name=by-pod --type=NodePort', out: /service\/by-pod exposed/ },
        { run: 'kubectl get svc by-pod --no-headers', out: /NodePort .* 8080:3\d{4}\/TCP/ },
        { run: 'kubectl expose deploy web --port=80', exit: 1, err: /services "web" already exists/ },
      ],
    },
    {
      name: 'run',
      steps: [
        { run: 'kubectl run p --image=a:1 --labels=app=p --env=X=1 --port=80 --restart=Never', out: /pod\/p created/ },
        { run: 'kubectl wait pod/p --for=condition=Ready --timeout=20s', out: /condition met/ },
        {
          run: "kubectl get pod p -o jsonpath='{.spec.containers[0].env[0].name}{.spec.restartPolicy}'",
          out: /^XNever$/,
        },
        { run: 'kubectl run q --image=a:1 --expose --port=80', out: [/service\/q created/, /pod\/q created/] },
        { run: 'kubectl run r --image=a:1 --dry-run=server -o yaml', out: /schedulerName: default-scheduler/ },
      ],
    },
    {
      name: 'rollout pause, resume, restart',
      given: [deployment('web')],
      steps: [
        { run: 'kubectl rollout pause deploy web', out: /deployment.apps\/web paused/ },
        { run: 'kubectl rollout restart deploy web', exit: 1, err: /can't restart paused deployment/ },
        { run: 'kubectl rollout resume deploy web', out: /deployment.apps\/web resumed/ },
        { run: 'kubectl rollout restart deploy web', out: /deployment.apps\/web restarted/ },
        {
          run: "kubectl get deploy web -o jsonpath='{.spec.template.metadata.annotations}'",
          out: /kubectl.kubernetes.io\/restartedAt/,
        },
      ],
    },
  ],
};
