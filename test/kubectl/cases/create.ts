/** Every generator of `kubectl create`; from 1.32 on their bodies are protobuf. */
import type { CaseGroup } from '../case.ts';
import { configMap, pod } from '../objects.ts';

const CM = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: "1"}\n';
const CRONJOB =
  'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: often}\nspec:\n  schedule: "*/5 * * * *"\n  jobTemplate:\n' +
  '    spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}\n';

export const create: CaseGroup = {
  name: 'create',
  cases: [
    {
      name: 'create -f, stdin, twice',
      telling: true,
      files: {
        'cm.yaml': CM,
        'list.yaml': `${CM}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n`,
      },
      steps: [
        { run: 'kubectl create -f cm.yaml', out: /configmap\/cm created/ },
        { run: 'kubectl create -f cm.yaml', exit: 1, err: /\(AlreadyExists\): .*configmaps "cm" already exists/ },
        {
          run: 'kubectl delete cm cm && cat list.yaml | kubectl create -f -',
          out: [/configmap\/cm created/, /service\/s created/],
        },
        { run: 'kubectl create -f list.yaml -n nowhere', exit: 1, err: /namespace.*(not match|"nowhere" not found)/ },
      ],
    },
    {
      name: 'create namespace, quota, serviceaccount',
      steps: [
        { run: 'kubectl create ns $NS-x', out: /namespace\/\S+-x created/ },
        { run: 'kubectl get sa default -n $NS-x -o name', again: true, out: /serviceaccount\/default/ },
        'kubectl create quota q --hard=pods=2,configmaps=9 --scopes=BestEffort || kubectl create quota q --hard=pods=2',
        { run: "kubectl get quota q -o jsonpath='{.spec.hard.pods}'", out: /2/ },
        { run: 'kubectl create sa robot -o name', out: /serviceaccount\/robot/ },
      ],
    },
    {
      name: 'create configmap: literal, file, env file',
      telling: true,
      files: { 'a.txt': 'hello\n', 'a.env': 'X=1\nY=2\n' },
      steps: [
        'kubectl create cm c1 --from-literal=k=v --from-file=a.txt --from-file=other=a.txt',
        { run: "kubectl get cm c1 -o jsonpath='{.data.k},{.data.other}'", out: /^v,hello$/m },
        'kubectl create cm c2 --from-env-file=a.env',
        { run: "kubectl get cm c2 -o jsonpath='{.data.X}{.data.Y}'", out: /^12$/ },
        'printf "\\377\\001" > bytes && kubectl create cm c3 --from-file=bytes',
        { run: "kubectl get cm c3 -o jsonpath='{.binaryData.bytes}'", out: /^\/wE=$/ },
      ],
    },
    {
      name: 'create secret: generic, tls, docker-registry',
      steps: [
        'kubectl create secret generic s1 --from-literal=k=v',
        { run: "kubectl get secret s1 -o jsonpath='{.data.k} {.type}'", out: /^dg== Opaque$/ },
        'kubectl create secret docker-registry s2 --docker-server=r --docker-username=u --docker-password=p',
        { run: "kubectl get secret s2 -o jsonpath='{.type}'", out: /^kubernetes.io\/dockerconfigjson$/ },
        'openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=x -days 1 2>/dev/null && kubectl create secret tls s3 --cert=c.pem --key=k.pem',
        { run: "kubectl get secret s3 -o jsonpath='{.type}'", out: /^kubernetes.io\/tls$/ },
      ],
    },
    {
      name: 'create deployment',
      steps: [
        { run: 'kubectl create deployment d --image=a:1 --replicas=2 --port=80', out: /deployment.apps\/d created/ },
        {
          run: "kubectl get deploy d -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}'",
          out: /^2 80$/,
        },
        {
          run: 'kubectl create deployment e --image=a --image=b -- sleep 9',
          exit: 1,
          err: /cannot specify multiple --image/,
        },
      ],
    },
    {
      name: 'create job, cronjob, job --from',
      files: { 'cj.yaml': CRONJOB },
      steps: [
        'kubectl create job j --image=a -- echo hi',
        { run: "kubectl get job j -o jsonpath='{.spec.template.spec.containers[0].command}'", out: /echo/ },
        "kubectl create cronjob cj --image=a --schedule='*/1 * * * *' --restart=Never -- date",
        { run: 'kubectl get cj cj --no-headers', out: /^cj +\*\/1 \* \* \* \* +<none> +False +0/ },
        'kubectl create -f cj.yaml && kubectl create job now --from=cronjob/often',
        { run: "kubectl get job now -o jsonpath='{.metadata.ownerReferences[0].kind}'", out: /^CronJob$/ },
        {
          run: "kubectl create cronjob bad --image=a --schedule='nonsense'",
          exit: 1,
          err: /spec.schedule: Invalid value/,
        },
      ],
    },
    {
      name: 'create service: all four types',
      steps: [
        'kubectl create svc clusterip a --tcp=80:8080',
        'kubectl create svc nodeport b --tcp=80 --node-port=31234 || kubectl create svc nodeport b --tcp=80',
        'kubectl create svc loadbalancer c --tcp=80',
        'kubectl create svc externalname d --external-name=example.org',
        {
          run: 'kubectl get svc',
          out: [
            /^a +ClusterIP +10\./m,
            /^b +NodePort .*80:3\d{4}\/TCP/m,
            /^c +LoadBalancer .*<pending>/m,
            /^d +ExternalName +<none> +example.org/m,
          ],
        },
      ],
    },
    {
      name: 'create role, rolebinding, clusterrole(binding)',
      steps: [
        'kubectl create role r --verb=get,list --resource=pods,deployments.apps/scale --resource-name=x',
        { run: "kubectl get role r -o jsonpath='{.rules[1].resources[0]}'", out: /^deployments\/scale$/ },
        'kubectl create rolebinding rb --role=r --user=jane --group=them --serviceaccount=$NS:robot',
        { run: 'kubectl get rolebinding rb -o wide', out: /Role\/r .*jane +them/ },
        'kubectl create clusterrole $NS-cr --verb=get --non-resource-url=/metrics',
        'kubectl create clusterrole $NS-agg --aggregation-rule=made.up/$NS=true',
        'kubectl create clusterrolebinding $NS-crb --clusterrole=$NS-cr --user=jane',
        'kubectl delete clusterrolebinding/$NS-crb clusterrole/$NS-cr clusterrole/$NS-agg',
      ],
    },
    {
      name: 'create ingress, pdb, priorityclass',
      steps: [
        "kubectl create ingress i --rule='example.org/path*=svc:80,tls=cert' --class=nginx",
        { run: 'kubectl get ing i --no-headers', out: /^i +nginx +example.org +80, 443/ },
        'kubectl create pdb p --selector=app=web --min-available=50%',
        { run: 'kubectl get pdb p --no-headers', out: /^p +50% +N\/A +0/ },
        'kubectl create priorityclass $NS-pc --value=1000 --description=high',
        { run: 'kubectl get pc $NS-pc --no-headers', out: / 1000 +false/ },
      ],
    },
    {
      name: 'create token',
      telling: true,
      given: [pod('web')],
      steps: [
        'kubectl create sa robot',
        { run: 'kubectl create token robot --duration=1h', out: /^ey[\w-]+\.[\w-]+\.[\w-]+$/m },
        {
          run: 'kubectl create token default --audience=them --bound-object-kind=Pod --bound-object-name=web',
          out: /^ey/,
        },
        { run: 'kubectl create token nobody', exit: 1, err: /serviceaccounts "nobody" not found/ },
      ],
    },
    {
      name: 'create --dry-run=client, server',
      steps: [
        { run: 'kubectl create cm c --from-literal=a=1 --dry-run=client -o yaml', out: /kind: ConfigMap/ },
        { run: 'kubectl create cm c --from-literal=a=1 --dry-run=server -o yaml', out: /uid: / },
        { run: 'kubectl create cm c --dry-run=server', out: /configmap\/c created \(server dry run\)/ },
        { run: 'kubectl get cm c', exit: 1, err: /NotFound/ },
      ],
    },
    {
      name: 'create with generateName, --save-config',
      files: { 'g.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: run-}\n', 'cm.yaml': CM },
      steps: [
        { run: 'kubectl create -f g.yaml', out: /configmap\/run-[bcdfghjklmnpqrstvwxz2456789]{5} created/ },
        'kubectl create -f cm.yaml --save-config',
        { run: 'kubectl apply -f cm.yaml', out: /unchanged/ },
      ],
    },
    {
      name: 'create what is invalid',
      files: {
        'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: Bad_Name}\nspec: {containers: []}\n',
        'dup.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: [1]\n',
      },
      given: [configMap('one')],
      steps: [
        {
          run: 'kubectl create -f pod.yaml',
          exit: 1,
          err: [/The Pod "Bad_Name" is invalid/, /spec.containers: Required value/],
        },
        {
          run: 'kubectl create -f dup.yaml',
          exit: 1,
          err: /(cannot unmarshal|cannot be handled as a ConfigMap|expected)/,
        },
      ],
    },
    {
      name: 'refused in Kubernetes’ words, each problem once',
      given: [configMap('told')],
      steps: [
        {
          run: "kubectl annotate configmap told 'a b=c'",
          exit: 1,
          err: /is invalid: metadata\.annotations: Invalid value: "a b": name part must consist of/,
          lacks: /qualified name/,
        },
        'kubectl create service nodeport one --tcp=80',
        {
          run: 'kubectl create service nodeport two --tcp=80 --node-port=$(kubectl get service one -o jsonpath={.spec.ports[0].nodePort})',
          exit: 1,
          err: /spec\.ports\[0\]\.nodePort: Invalid value: \d+: provided port is already allocated/,
        },
        { run: 'kubectl get apiservice v1.apps', out: /^v1\.apps +Local +True/m },
        {
          run: `kubectl patch configmap told --type=json -p '[{"op":"remove","path":"/data/none"}]'`,
          exit: 1,
          err: /^The request is invalid: the server rejected our request due to an error in our request/m,
        },
      ],
    },
  ],
};
