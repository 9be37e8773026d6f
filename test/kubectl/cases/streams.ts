/** Everything that flows: logs, exec, attach, cp, port-forward, debug. Made-up pods answer with a small shell. */
import type { CaseGroup } from '../case.ts';
import { annotated, deployment, pod, service } from '../objects.ts';

const two = pod('two', {
  containers: [
    { name: 'a', image: 'a:1', env: [{ name: 'CONTAINER', value: 'a' }] },
    { name: 'b', image: 'b:1', env: [{ name: 'CONTAINER', value: 'b' }] },
  ],
});

const ends = {
  name: 'main',
  image: 'web:1',
  env: [
    { name: 'CONTAINER', value: 'main' },
    { name: 'RUN_FOR', value: '0' },
  ],
};
const soonDone = annotated(pod('done', { restartPolicy: 'Never', containers: [ends] }), {
  'keelson.dev/made-up-run': '100ms',
});

export const streams: CaseGroup = {
  name: 'streams',
  cases: [
    {
      name: 'logs: --tail, --since, --timestamps, --limit-bytes',
      telling: true,
      given: [pod('web')],
      steps: [
        { run: 'kubectl logs web', out: /^web\/main: line 1$/m },
        { run: 'kubectl logs web --tail=1 --timestamps', out: /^20\d\d-\S+Z web\/main: line \d+\n$/ },
        { run: 'kubectl logs web --since=1h --limit-bytes=8', out: /^web\/main$/ },
        { run: 'kubectl logs web --since-time=2001-01-01T00:00:00Z', out: /line 1/ },
        { run: 'kubectl logs web --tail=0', lacks: /line/ },
      ],
    },
    {
      name: 'logs: -c, --all-containers, -l, --prefix',
      given: [two, deployment('web')],
      steps: [
        { run: 'kubectl logs two -c b', out: /^two\/b: line 1$/m },
        {
          run: 'kubectl logs two --all-containers --prefix',
          out: [/^\[pod\/two\/a\] two\/a: line 1$/m, /^\[pod\/two\/b\]/m],
        },
        { run: 'kubectl logs two', err: /Defaulted container "a" out of: a, b/ },
        { run: 'kubectl logs -l app=web --prefix', out: /\[pod\/two\/a\]/ },
        { run: 'kubectl logs deploy/web', again: true, out: /: line 1/ },
        { run: 'kubectl logs two -c none', exit: 1, err: /container none is not valid for pod two/ },
      ],
    },
    {
      name: 'logs -f; -p without a previous one; not started',
      given: [pod('web'), soonDone],
      steps: [
        { begin: 'kubectl logs -f web --tail=1', ready: /line 1/, steps: [], out: /line 3/ },
        { run: 'kubectl logs -p web', exit: 1, err: /previous terminated container "main" in pod "web" not found/ },
        { run: 'kubectl get pod done', again: true, out: /Completed/ },
        { run: 'kubectl logs -f done', out: /^done\/main: line 1$/m },
        'kubectl run short --image=a --restart=Never --env=RUN_FOR=2 --annotations=keelson.dev/made-up-run=1500ms',
        { run: 'kubectl logs -f short --pod-running-timeout=10s', again: true, out: /^short\/short: line 2$/m },
        'kubectl create -f - <<X\n{"apiVersion":"v1","kind":"Pod","metadata":{"name":"held"},"spec":{"schedulingGates":[{"name":"a.b/c"}],"containers":[{"name":"m","image":"i"}]}}\nX',
        { run: 'kubectl logs held', exit: 1, err: /(is waiting to start|does not have a host assigned)|^$/ },
      ],
    },
    {
      name: 'exec: output, stdin, exit code',
      telling: true,
      given: [pod('web'), deployment('web')],
      steps: [
        { run: 'kubectl exec web -- echo hello', out: /^hello$/m },
        { run: "kubectl exec web -- sh -c 'exit 3'", exit: 3, err: /command terminated with exit code 3/ },
        { run: 'echo typed | kubectl exec -i web -- cat', out: /^typed$/m },
        { run: "kubectl exec web -- sh -c 'echo to-stderr >&2'", err: /to-stderr/ },
        { run: 'kubectl exec deploy/web -- hostname', again: true, out: /^web/m },
        { run: 'kubectl exec web -- nothing-there', exit: 1, err: /executable file not found/ },
        { run: 'kubectl exec none -- true', exit: 1, err: /pods "none" not found/ },
        { run: 'head -c 300000 /dev/zero | kubectl exec -i web -- cat | wc -c', out: /^300000$/m },
      ],
    },
    {
      name: 'exec -it on a terminal',
      given: [pod('web')],
      steps: [
        {
          run: "printf 'echo $HOSTNAME-seen\\nexit 4\\n' | script -qec 'kubectl exec -it web -- sh' /dev/null",
          exit: 4,
          out: /web-seen/,
        },
        {
          run: "script -qec 'kubectl exec -it web -c main -- echo on-terminal' /dev/null </dev/null",
          out: /on-terminal\r/,
        },
      ],
    },
    {
      name: 'exec over SPDY where WebSocket is off',
      given: [pod('web')],
      steps: [
        { run: 'KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false kubectl exec web -- echo spdy', out: /^spdy$/m },
        {
          run: 'KUBECTL_PORT_FORWARD_WEBSOCKETS=false KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false kubectl exec -i web -- cat < /proc/version',
          out: /Linux/,
        },
      ],
    },
    {
      name: 'attach',
      given: [pod('web'), pod('talker', { containers: [{ name: 'main', image: 'a', stdin: true }] })],
      steps: [
        { begin: 'kubectl attach web', ready: /web\/main: line/, steps: [] },
        // The container goes on without its input, and so does who looks on.
        { run: 'echo echoed | timeout 5 kubectl attach -i talker; true', out: /^echoed$/m },
        { run: 'kubectl attach none', exit: 1, err: /pods "none" not found/ },
      ],
    },
    {
      name: 'cp there and back',
      telling: true,
      given: [pod('web')],
      steps: [
        'head -c 200000 /dev/urandom > big && kubectl cp big web:/tmp/big',
        'kubectl cp $NS/web:/tmp/big back && cmp big back',
        'mkdir -p d/e && echo 1 > d/one && echo 2 > d/e/two && kubectl cp d web:/tmp/d && kubectl cp web:/tmp/d d2 && diff -r d d2',
        { run: 'kubectl exec web -- cat /tmp/d/e/two', out: /^2$/m },
        'kubectl cp web:/none x; test ! -e x',
      ],
    },
    {
      name: 'port-forward to a pod',
      telling: true,
      given: [pod('web')],
      steps: [
        {
          begin: 'kubectl port-forward pod/web :8080',
          ready: /Forwarding from 127\.0\.0\.1:(?<PORT>\d+) -> 8080/,
          steps: [
            { run: 'curl -sS --max-time 10 http://127.0.0.1:$PORT/one', out: /(GET |target=)\/one/ },
            {
              run: 'curl -sS --max-time 10 http://127.0.0.1:$PORT/two http://127.0.0.1:$PORT/three',
              out: /two[\s\S]*three/,
            },
          ],
          out: /Handling connection for/,
        },
      ],
    },
    {
      name: 'port-forward to a service, a deployment; a closed port',
      given: [pod('web'), deployment('web'), service('web')],
      steps: [
        {
          begin: 'kubectl port-forward svc/web :80',
          ready: /Forwarding from 127\.0\.0\.1:(?<PORT>\d+) -> 8080/,
          steps: [{ run: 'curl -sS --max-time 10 http://127.0.0.1:$PORT/svc', out: /(GET |target=)\/svc/ }],
        },
        {
          begin: 'kubectl port-forward deploy/web :9',
          ready: /Forwarding from 127\.0\.0\.1:(?<PORT>\d+) -> 9/,
          steps: ['! curl -sS --max-time 10 http://127.0.0.1:$PORT/'],
          out: /an error occurred forwarding .* connection refused/,
          exit: 1,
        },
      ],
    },
    {
      name: 'port-forward over SPDY where WebSocket is off',
      given: [pod('web')],
      steps: [
        {
          begin: 'KUBECTL_PORT_FORWARD_WEBSOCKETS=false kubectl port-forward pod/web :8080',
          ready: /Forwarding from 127\.0\.0\.1:(?<PORT>\d+) -> 8080/,
          steps: [{ run: 'curl -sS --max-time 10 http://127.0.0.1:$PORT/spdy', out: /(GET |target=)\/spdy/ }],
        },
      ],
    },
    {
      name: 'run -i --rm, run -it --rm',
      steps: [
        {
          run: 'echo into | timeout 20 kubectl run r --rm -i --image=a --restart=Never',
          out: [/^into$/m, /pod "r" deleted/],
        },
        {
          begin:
            "mkfifo in && exec 3<>in && script -qec 'kubectl run t --rm -it --image=a --restart=Never' /dev/null <&3",
          ready: /command prompt/,
          steps: ["sleep 0.5; printf 'in-terminal\\n\\004' > in"],
          out: [/in-terminal/, /pod "t" deleted/],
          exit: 0,
        },
      ],
    },
    {
      name: 'debug: ephemeral container',
      given: [pod('web')],
      steps: [
        { run: 'kubectl debug web --image=tools --target=main -c probe -- sleep 100', lacks: /error/i },
        { run: "kubectl get pod web -o jsonpath='{.spec.ephemeralContainers[0].name}'", out: /^probe$/ },
        { run: 'kubectl exec web -c probe -- echo from-probe', again: true, out: /^from-probe$/m },
        { run: 'echo hi | timeout 10 kubectl debug -i web --image=tools -c talk; true', out: /^hi$/m },
      ],
    },
    {
      name: 'debug: --copy-to, a node',
      given: [pod('web')],
      steps: [
        {
          run: 'kubectl debug web --copy-to=twin --set-image=main=web:9 --image=tools -c side -- sleep 9',
          lacks: /error/i,
        },
        { run: "kubectl get pod twin -o jsonpath='{.spec.containers[*].image}'", out: /web:9 tools/ },
        {
          run: 'kubectl debug node/node-0 --image=tools -- sleep 9',
          out: /Creating debugging pod node-debugger-node-0-/,
        },
        { run: 'kubectl get pods', out: /node-debugger-node-0/ },
      ],
    },
  ],
};
