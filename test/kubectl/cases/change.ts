/** Changes to objects that are there: patch, label, annotate, set, delete. */
import type { CaseGroup } from '../case.ts';
import { configMap, deployment, pod } from '../objects.ts';

export const change: CaseGroup = {
  name: 'change',
  cases: [
    {
      name: 'patch: strategic, merge, JSON',
      telling: true,
      given: [deployment('web')],
      steps: [
        {
          run: 'kubectl patch deploy web -p \'{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s"}]}}}}\'',
          out: /patched$/m,
        },
        {
          run: "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[*].name}'",
          out: /^side main$|^main side$/,
        },
        { run: 'kubectl patch deploy web --type=merge -p \'{"spec":{"replicas":5}}\'', out: /patched$/m },
        {
          run: 'kubectl patch deploy web --type=json -p \'[{"op":"replace","path":"/spec/replicas","value":1}]\'',
          out: /patched$/m,
        },
        {
          run: 'kubectl patch deploy web --type=json -p \'[{"op":"test","path":"/spec/replicas","value":9}]\'',
          exit: 1,
          err: /(Invalid|test)/,
        },
        { run: 'kubectl patch deploy web -p \'{"spec":{"replicas":1}}\'', out: /patched \(no change\)/ },
        { run: 'kubectl patch deploy web --type=json -p=nonsense', exit: 1, err: /./ },
      ],
    },
    {
      name: 'patch --subresource status, scale',
      given: [deployment('web'), pod('web')],
      steps: [
        'kubectl patch pod web --subresource=status -p \'{"status":{"message":"seen"}}\'',
        { run: "kubectl get pod web -o jsonpath='{.status.message} {.status.phase}'", out: /^seen Running$/ },
        'kubectl patch deploy web --subresource=scale --type=merge -p \'{"spec":{"replicas":6}}\'',
        { run: "kubectl get deploy web -o jsonpath='{.spec.replicas}'", out: /^6$/ },
      ],
    },
    {
      name: 'patch -f, --local, --dry-run=server',
      given: [configMap('cm')],
      files: { 'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n', 'p.yaml': 'data: {b: "2"}\n' },
      steps: [
        { run: 'kubectl patch -f cm.yaml --local -p \'{"data":{"x":"1"}}\' -o yaml', out: /x: "1"/ },
        { run: 'kubectl patch cm cm --patch-file=p.yaml --dry-run=server -o yaml', out: /b: "2"/ },
        { run: 'kubectl patch -f cm.yaml --patch-file=p.yaml', out: /configmap\/cm patched/ },
        { run: "kubectl get cm cm -o jsonpath='{.data}'", out: /"b":"2"/ },
      ],
    },
    {
      name: 'label, --overwrite, removal, --all',
      given: [configMap('one'), configMap('two')],
      steps: [
        { run: 'kubectl label cm one k=1', out: /configmap\/one labeled/ },
        { run: 'kubectl label cm one k=2', exit: 1, err: /already has a value \(1\)/ },
        { run: 'kubectl label cm one k=2 --overwrite', out: /labeled/ },
        { run: 'kubectl label cm one --list', out: /^k=2$/m },
        { run: 'kubectl label cm one two all=yes', out: /configmap\/two labeled/ },
        { run: 'kubectl label cm one k-', out: /unlabeled/ },
        { run: 'kubectl label cm one k=1 --resource-version=1', exit: 1, err: /(Conflict|modified)/ },
        { run: 'kubectl label cm one bad/k/k=1', exit: 1, err: /./ },
      ],
    },
    {
      name: 'annotate',
      given: [configMap('one')],
      steps: [
        { run: "kubectl annotate cm one note='two words'", out: /configmap\/one annotated?/ },
        { run: 'kubectl annotate cm one --list', out: /^note=two words$/m },
        { run: 'kubectl annotate cm one note-', out: /configmap\/one annotated?/ },
      ],
    },
    {
      name: 'set image, env, resources',
      given: [deployment('web')],
      steps: [
        { run: 'kubectl set image deploy/web main=web:2', out: /image updated/ },
        { run: 'kubectl set env deploy/web A=1 B=2 && kubectl set env deploy/web A-', out: /env updated/ },
        { run: 'kubectl set env deploy/web --list', out: /^B=2$/m, lacks: /A=1/ },
        {
          run: 'kubectl set resources deploy web --limits=cpu=2,memory=1Gi --requests=cpu=1',
          out: /resource requirements updated/,
        },
        {
          run: "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].resources.limits.memory}'",
          out: /^web:2 1Gi$/,
        },
      ],
    },
    {
      name: 'set serviceaccount, selector, subject',
      steps: [
        'kubectl create deployment d --image=a && kubectl create svc clusterip s --tcp=80 && kubectl create sa robot',
        { run: 'kubectl set sa deploy d robot', out: /serviceaccount updated/ },
        { run: 'kubectl set selector svc s a=b', out: /selector updated/ },
        'kubectl create role r --verb=get --resource=pods && kubectl create rolebinding rb --role=r --user=jane',
        { run: 'kubectl set subject rolebinding rb --serviceaccount=$NS:robot', out: /subjects updated/ },
        { run: "kubectl get svc s -o jsonpath='{.spec.selector.a}'", out: /^b$/ },
      ],
    },
    {
      name: 'set env --from, set image of a pod',
      given: [pod('web'), deployment('web'), configMap('cm')],
      steps: [
        { run: 'kubectl set env deploy/web --from=cm/cm --prefix=P_', out: /env updated/ },
        { run: 'kubectl set env deploy/web --list', out: /P_A from configmap cm, key a/ },
        { run: 'kubectl set image pod/web main=web:3', out: /image updated/ },
        {
          run: 'kubectl patch pod web -p \'{"spec":{"hostNetwork":true}}\'',
          exit: 1,
          err: /pod updates may not change fields other than/,
        },
      ],
    },
    {
      name: 'delete: by name, -l, --all, -f, several kinds',
      telling: true,
      given: [configMap('one', { k: 'v' }), configMap('two', { k: 'v' }), configMap('three'), deployment('web')],
      files: { 'd.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n' },
      steps: [
        { run: 'kubectl delete cm -l k=v', out: [/configmap "one" deleted/, /configmap "two" deleted/] },
        { run: 'kubectl delete -f d.yaml', out: /deployment.apps "web" deleted/ },
        { run: 'kubectl delete cm three -o name', out: /configmap\/three/ },
        { run: 'kubectl delete cm three', exit: 1, err: /configmaps "three" not found/ },
        { run: 'kubectl delete cm three --ignore-not-found', lacks: /./ },
        'kubectl delete cm,deploy --all',
      ],
    },
    {
      name: 'delete pod: graceful, --now, --force',
      given: [pod('a', { terminationGracePeriodSeconds: 30 }), pod('b'), pod('c')],
      steps: [
        { run: 'kubectl delete pod a', out: /pod "a" deleted/ },
        { run: 'kubectl delete pod b --now', out: /pod "b" deleted/ },
        {
          run: 'kubectl delete pod c --force --grace-period=0',
          out: /pod "c" force deleted/,
          err: /Immediate deletion does not wait/,
        },
        { run: 'kubectl get pods', err: /No resources found/ },
      ],
    },
    {
      name: 'delete --dry-run=server deletes nothing',
      given: [configMap('one')],
      steps: [
        { run: 'kubectl delete cm one --dry-run=server', out: /deleted \(server dry run\)/ },
        { run: 'kubectl delete cm one --dry-run=client', out: /deleted \(dry run\)/ },
        'kubectl get cm one',
      ],
    },
    {
      name: 'delete --cascade=orphan, foreground, --wait=false',
      given: [configMap('one'), deployment('web'), configMap('held')],
      steps: [
        'kubectl delete deploy web --cascade=orphan --wait=false',
        {
          run: "kubectl get deploy web --ignore-not-found -o jsonpath='{.metadata.finalizers}'",
          out: /^(\["orphan"\])?$/,
        },
        'kubectl patch cm held -p \'{"metadata":{"finalizers":["made.up/hold"]}}\'',
        { run: 'kubectl delete cm held --wait=false', out: /deleted/ },
        { run: "kubectl get cm held -o jsonpath='{.metadata.deletionTimestamp}'", out: /^20/ },
        { run: 'kubectl delete cm held --timeout=1s', exit: 1, err: /timed out waiting for the condition/ },
        'kubectl patch cm held --type=merge -p \'{"metadata":{"finalizers":null}}\'',
        { run: 'kubectl get cm held', exit: 1, err: /NotFound/ },
      ],
    },
    {
      name: 'delete --raw, delete --interactive',
      given: [configMap('one'), configMap('two')],
      steps: [
        { run: 'kubectl delete --raw /api/v1/namespaces/$NS/configmaps/one', out: /"status":"Success"|"Success"/ },
        { run: 'echo y | kubectl delete cm two -i', out: /configmap "two" deleted/ },
        {
          run: 'kubectl create --raw /api/v1/namespaces/$NS/configmaps -f - <<X\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"raw"}}\nX',
          out: /"name":"raw"|"name": "raw"/,
        },
      ],
      before: {
        version: '1.29',
        why: 'delete -i came as KUBECTL_INTERACTIVE_DELETE with 1.27 and for all later',
        steps: [
          { run: 'kubectl delete --raw /api/v1/namespaces/$NS/configmaps/one', out: /"status":"Success"|"Success"/ },
        ],
      },
    },
  ],
};
