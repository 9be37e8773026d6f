/** Who may do what: can-i, whoami, reconcile, impersonation, certificates. */
import type { CaseGroup } from '../case.ts';
import { configMap } from '../objects.ts';

export const access: CaseGroup = {
  name: 'access',
  cases: [
    {
      name: 'auth can-i',
      steps: [
        { run: 'kubectl auth can-i create pods', out: /^yes$/m },
        { run: 'kubectl auth can-i get /healthz', out: /^yes$/m },
        { run: 'kubectl auth can-i delete nodes --as=jane', exit: 1, out: /^no$/m },
        'kubectl create role r --verb=get --resource=pods && kubectl create rolebinding rb --role=r --user=jane',
        { run: 'kubectl auth can-i get pods --as=jane', out: /^yes$/m },
        { run: 'kubectl auth can-i get pods --subresource=log --as=jane', exit: 1, out: /^no/m },
        { run: 'kubectl auth can-i get pods -A --as=jane -q', exit: 1 },
      ],
    },
    {
      name: 'auth can-i --list',
      steps: [
        {
          run: 'kubectl auth can-i --list',
          out: [/^Resources +Non-Resource URLs +Resource Names +Verbs$/m, /^\*\.\* +\[\] +\[\] +\[\*\]$/m],
        },
        {
          run: 'kubectl auth can-i --list --as=jane',
          out: /selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]/,
        },
      ],
    },
    {
      name: 'auth whoami',
      telling: true,
      steps: [
        { run: 'kubectl auth whoami', out: [/Username +\S+/, /Groups +\[.*system:authenticated/] },
        { run: 'kubectl auth whoami --as=jane --as-group=them -o json', out: [/"username": "jane"/, /"them"/] },
      ],
    },
    {
      name: 'auth reconcile',
      files: {
        'r.yaml':
          'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: $NS}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n---\n' +
          'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rb, namespace: $NS}\n' +
          'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]\n',
      },
      steps: [
        { run: 'kubectl auth reconcile -f r.yaml', out: [/role.* reconciled/, /rolebinding.* reconciled/] },
        {
          run: 'kubectl auth reconcile -f r.yaml --remove-extra-permissions --remove-extra-subjects',
          out: /reconciled/,
        },
        { run: 'kubectl auth can-i get pods --as=jane', out: /yes/ },
      ],
    },
    {
      name: '--as: refused without rights, allowed with them',
      telling: true,
      given: [configMap('one')],
      steps: [
        {
          run: 'kubectl get cm --as=jane',
          exit: 1,
          err: /\(Forbidden\): configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace/,
        },
        'kubectl create rolebinding rb --clusterrole=view --user=jane',
        { run: 'kubectl get cm --as=jane', out: /^one /m },
        { run: 'kubectl delete cm one --as=jane', exit: 1, err: /cannot delete resource "configmaps"/ },
        { run: 'kubectl get secrets --as=jane', exit: 1, err: /Forbidden/ },
        {
          run: 'kubectl get cm --as=system:serviceaccount:$NS:default',
          exit: 1,
          err: /system:serviceaccount:\S+:default/,
        },
        { run: 'kubectl get cm --as=any --as-group=system:masters --as-uid=1', out: /^one /m },
      ],
    },
    {
      name: 'without a token; with a wrong one',
      steps: [
        {
          run: 'kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(kubectl config view -o jsonpath={.clusters[0].cluster.server}) --token=wrong get pods',
          exit: 1,
          err: /You must be logged in to the server|Unauthorized/,
        },
      ],
    },
    {
      name: 'a service account by its token',
      given: [configMap('one')],
      steps: [
        'kubectl create sa robot && kubectl create rolebinding rb --clusterrole=view --serviceaccount=$NS:robot',
        'kubectl config set-credentials robot --token=$(kubectl create token robot) && kubectl config set-context robot --cluster=keelson --user=robot --namespace=$NS',
        { run: 'kubectl --context=robot get cm', out: /^one /m },
        {
          run: 'kubectl --context=robot create cm x',
          exit: 1,
          err: /User "system:serviceaccount:\S+:robot" cannot create resource "configmaps"/,
        },
      ],
    },
    {
      name: 'certificate approve, deny',
      files: {
        'csr.sh':
          'openssl req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=jane/O=them -out req.pem 2>/dev/null\n' +
          'for n in a b; do printf \'{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"%s"},"spec":{"request":"%s","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}\' $NS-$n $(base64 -w0 req.pem) | kubectl create -f -; done\n',
      },
      steps: [
        { run: 'sh csr.sh', out: /certificatesigningrequest.certificates.k8s.io\/\S+-a created/ },
        { run: 'kubectl get csr $NS-a', out: /Pending/ },
        { run: 'kubectl certificate approve $NS-a', out: /-a approved/ },
        { run: 'kubectl certificate deny $NS-b', out: /-b denied/ },
        { run: 'kubectl get csr', out: [/-a .*Approved/, /-b .*Denied/] },
        { run: 'kubectl describe csr $NS-a', out: /Common Name: +jane/ },
      ],
    },
  ],
};
