/** The commands, in the order in which --help lists them. Words only: each module is loaded when its command is called. */
import type { CommandSpec } from './command.ts';
import type { FlagSpec } from './flags.ts';

const OUTPUT: FlagSpec = { name: 'output', short: 'o', value: 'table|json', about: 'what to print (table)' };
const CONFIG: FlagSpec = {
  name: 'config',
  value: 'FILE',
  about: 'a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1); without it, the default profile',
};
const DECIDER: FlagSpec = {
  name: 'decider',
  value: 'engine|scan|reference',
  about: 'with memory, every node anew, or plain objects: the same answers (engine)',
};
const TIE: FlagSpec = {
  name: 'tie',
  value: 'order|first|random',
  about: "equal totals: one node order drawn from the seed, kube-scheduler's first, or a draw per pod (order)",
};
const SEED: FlagSpec = { name: 'seed', value: 'N', about: 'what random choices are drawn from (42)' };
const STRICT: FlagSpec = { name: 'strict', about: 'unknown fields are errors, not warnings' };
const ENGINE: FlagSpec[] = [
  { name: 'docker', value: 'WHEN', about: 'auto or off: real containers, where a Docker Engine answers (auto)' },
  { name: 'docker-host', value: 'URL', about: 'unix:///PATH or tcp://HOST:PORT (DOCKER_HOST, /var/run/docker.sock)' },
];
const FILES_ABOUT =
  'DIR and FILE hold Kubernetes objects: YAML or JSON, several documents, Lists (`kubectl get ... -o json`), plain or ' +
  '.gz; folders are read whole.';

const start: CommandSpec = {
  name: 'start',
  summary: 'the main job: six published policies on a GPU cluster, beside the published figures',
  usages: [''],
  about: [
    'Builds the OpenB cluster (1,213 nodes, 6,212 GPUs) from the table that Keelson carries, lets about 10,865 pods ' +
      'arrive under each policy and under the default profile, several seeds at a time on all cores, and prints own ' +
      'figures beside the published ones. Writes an HTML report with the curves.',
    'Where a Docker Engine answers, it also brings three web servers behind a Service up in real containers, replaces them ' +
      'under load, counts the requests that fail, and takes everything down.',
  ],
  flags: [
    {
      name: 'policy',
      value: 'P[,Q..]',
      about: 'some of Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD, Default (all)',
    },
    { name: 'seeds', value: '42..51', about: 'seeds, as numbers and ranges (42..46)' },
    { name: 'report', value: 'FILE', about: 'where the report goes (report.html)' },
    { name: 'threads', value: 'N', about: 'workers (one per core)' },
    ...ENGINE,
    OUTPUT,
  ],
  examples: [
    { line: 'keelson start', does: 'everything, in less than a minute on two cores; npm start does the same' },
    { line: 'keelson start --seeds 42..51 --report out.html', does: 'the ten seeds of the published experiment' },
    { line: 'keelson start --policy FGD,BestFit -o json | jq .comparisons', does: 'two policies, as JSON' },
  ],
  load: () => import('./commands/start.ts'),
};

/** Of `simulate --service`. */
const SERVICE: FlagSpec[] = [
  { name: 'service', about: 'simulate a service; the next flags are its own' },
  {
    name: 'trace',
    value: 'FILE',
    about: 'requests as recorded (TIMESTAMP,GeneratedTokens), or azure-llm-2023 (Poisson)',
  },
  { name: 'token-time', value: 'TIME', about: 'work for each generated token of a trace (20ms)' },
  { name: 'requests', value: 'N', about: 'how many (100000; a whole trace)' },
  { name: 'rate', value: 'R', about: 'requests a second' },
  { name: 'load', value: 'L', about: 'the rate as a share of what the servers can do (0.7; traces as recorded)' },
  {
    name: 'service-time',
    value: 'DIST',
    about: 'fixed:10ms, exp:10ms, lognormal:10ms:SIGMA, pareto:10ms:ALPHA or hyper:10ms:SCV (lognormal:10ms:1.5)',
  },
  { name: 'servers', value: 'N', about: 'servers at the start (10)' },
  { name: 'concurrency', value: 'N', about: 'requests that a server works on at a time; others queue (4)' },
  { name: 'speeds', value: 'S[,T..]', about: 'of the servers, over and over: 1x9,0.2 has one of ten slow (1)' },
  { name: 'weighted', about: 'endpoints carry the speed of their server as weight' },
  { name: 'balancers', value: 'N', about: 'proxies, each knowing its own requests only (1)' },
  { name: 'clients', value: 'N', about: 'clients; hashing policies keep each at one server (10000)' },
  { name: 'attempts', value: 'N', about: 'endpoints that a request is sent to while it is refused (3)' },
  { name: 'affinity', value: 'TIME', about: 'a client keeps its server until it was away for so long' },
  { name: 'slow-start', value: 'TIME', about: 'servers that come have all of their weight after so long' },
  { name: 'eject', value: 'TIME', about: 'servers that fail five times in a row get nothing for so long' },
  { name: 'zones', value: 'Z=N[,..]', about: 'zones of the servers, over and over: a=5,b=3,c=2' },
  { name: 'zone-clients', value: 'Z=N[,..]', about: 'parts of the clients by zone (as many in each)' },
  { name: 'zone-routing', value: 'HOW', about: 'spill-over, PreferSameZone or none (spill-over)' },
  { name: 'fail', value: 'S@T..U', about: 'servers that are down for a while: 3@10s..20s,0..4@1m..2m' },
  { name: 'scale', value: 'N@T', about: 'so many servers from then on: 20@30s,10@60s' },
  { name: 'rollout', value: 'T..U', about: 'replace all servers one after the other: 10s..40s' },
];

/** Of manifests over time. */
const OVER_TIME: FlagSpec[] = [
  { name: 'scenario', value: 'FILE', about: 'what happens to the cluster of the manifests over time: YAML, see above' },
  {
    name: 'events',
    value: 'EVENTS',
    about: "the same without a file: '5m fail zone=b count=3 for=10m; 20m drain node-1; 30m roll *'",
  },
  { name: 'for', value: 'TIME', about: "how long: 45m (30m, or the scenario's duration)" },
];

const simulate: CommandSpec = {
  name: 'simulate',
  summary: 'place pods, run a cluster over time, rerun an experiment, balance requests',
  usages: [
    'DIR|FILE... [--config FILE] [--decider D] [--tie RULE] [--seed N] [--strict]',
    'DIR|FILE... --scenario FILE [--events EVENTS] [--for TIME] [--report FILE]',
    '--nodes NODES.csv --pods PODS.csv --policy P[,Q..] [--seeds 42..51]',
    '--verify openb [--data DIR] [--seeds 42..51]',
    '--service [--trace FILE] [--policy P[,Q..]] [--servers N] [--load L] ...',
  ],
  about: [
    `Manifests: the pending pods are scheduled on the nodes as kube-scheduler would, with priorities, preemption and retries, and each pod's node or the reason why it has none is printed. ${FILES_ABOUT}`,
    "Over time (--scenario, --events, --for): the controllers, the scheduler and made-up kubelets run the manifests' cluster on " +
      'a virtual clock. A scenario has a duration, how long pods take (pods: start, ready, stop: 1s..3s) and events: a list of ' +
      'at: TIME and one of apply, delete, fail, restore, cordon, uncordon, drain, scale, set-image, roll, crash, outage. Told is when ' +
      'the cluster was whole again, what each workload lacked, and every decision with its reason; exit code 1 when ' +
      'maxSurge, maxUnavailable or a disruption budget was not kept.',
    'Traces: OpenB CSV files are run under published policies (Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD) ' +
      "or Default, kube-scheduler's default profile; allocation and fragmentation are taken after every arrival.",
    'Verify: the nine workloads of the OpenB artefact, own means over the seeds beside the published ones; exit code 1 ' +
      'when one is further away than max(0.5 points, 2 published standard deviations).',
    "Service: requests come at their times, recorded or Poisson, and the proxy's own pickers send them to servers that " +
      'queue, differ, fail and are replaced, on a virtual clock. Latency, load over the servers and disruption, by policy.',
  ],
  flags: [
    CONFIG,
    DECIDER,
    TIE,
    SEED,
    STRICT,
    ...OVER_TIME,
    { name: 'nodes', value: 'FILE', about: 'OpenB node list (sn,cpu_milli,memory_mib,gpu,model)' },
    { name: 'pods', value: 'FILE', about: 'OpenB pod list (name,cpu_milli,memory_mib,num_gpu,gpu_milli,...)' },
    {
      name: 'policy',
      value: 'P[,Q..]',
      about: 'policies for --nodes and --pods; with --service those of the balancer, as least-request:choices=3 (all)',
    },
    { name: 'seeds', value: '42..51', about: 'seeds, as numbers and ranges (traces 42..51, service 42..44)' },
    { name: 'verify', value: 'openb', about: 'the published experiment to rerun' },
    { name: 'data', value: 'DIR', about: 'where its files are (../shared/data/traces/openb)' },
    ...SERVICE,
    { name: 'report', value: 'FILE', about: 'also write an HTML report of a run over time, a trace or a service' },
    { name: 'threads', value: 'N', about: 'workers for traces and services (one per core)' },
    {
      ...OUTPUT,
      value: 'table|json|csv',
      about: 'what to print; csv for traces only: every point of every run (table)',
    },
  ],
  examples: [
    { line: 'keelson simulate cluster/ --config kube-scheduler.yaml', does: 'where would these pods go?' },
    {
      line: 'kubectl get nodes,pods -A -o json > dump.json; keelson simulate dump.json',
      does: 'the pending pods of a real cluster',
    },
    {
      line: 'keelson simulate cluster/ --scenario scenario.yaml --report out.html',
      does: 'what a planned day does to it, with a report of one file',
    },
    {
      line: "keelson simulate cluster/ --events '5m fail zone=b count=3' --for 30m",
      does: 'three nodes of a zone fail: who is served when again?',
    },
    {
      line: "keelson simulate cluster/ --events '5m roll *; 15m drain node-1'",
      does: 'all Deployments rolled, then a node drained as its disruption budgets allow',
    },
    {
      line: 'keelson simulate --nodes n.csv --pods p.csv --policy FGD,BestFit --seeds 42..51 -o json',
      does: 'two policies, ten seeds, every curve as JSON',
    },
    { line: 'keelson simulate --verify openb', does: 'own figures beside the published ones' },
    {
      line: 'keelson simulate --service --speeds 1x9,0.2 --balancers 8 --report out.html',
      does: 'every policy where one server of ten is slow',
    },
    {
      line: 'keelson simulate --service --policy maglev,ring-hash,random --scale 12@10s,10@20s --fail 3@5s..7s',
      does: 'who is sent elsewhere when servers come, go and fail',
    },
    {
      line: 'keelson simulate --service --trace azure-llm-2023 --policy least-request,prequal --load 0.9',
      does: 'an hour of LLM requests, pressed together until the servers are 90 % busy',
    },
  ],
  load: () => import('./commands/simulate.ts'),
};

const explain: CommandSpec = {
  name: 'explain',
  summary: 'why a pod goes where it goes: every node, every plugin',
  usages: ['[NAMESPACE/]POD DIR|FILE... [--config FILE] [--after] [--decider D]'],
  about: [
    'For one pod: each node with the plugin that refuses it and why, or its score from each plugin (weighted; raw and ' +
      'normalised where they differ), the total and the rank. The pod is looked at before anything is scheduled, or ' +
      'with --after when the other pending pods have been placed.',
    FILES_ABOUT,
  ],
  flags: [{ name: 'after', about: 'place the other pending pods first' }, CONFIG, DECIDER, TIE, SEED, STRICT, OUTPUT],
  examples: [
    { line: 'keelson explain web-0 cluster/', does: 'pod default/web-0 against every node' },
    {
      line: 'keelson explain shop/web-0 dump.json --after -o json',
      does: 'after the others, as JSON with each filter and score',
    },
  ],
  load: () => import('./commands/explain.ts'),
};

const decide: CommandSpec = {
  name: 'decide',
  summary: "answer recorded cases of kube-scheduler's decisions",
  usages: ['FILE.jsonl[.gz]... [--decider reference|scan|engine]'],
  about: [
    'Reads one case a line (id, objects, pod or steps, config) and writes one answer a line, {"id","answer"}, in the shape ' +
      'of what kube-scheduler was recorded to say. What a case says it expects is not looked at.',
  ],
  flags: [
    { ...DECIDER, about: 'plain objects, every node anew over columns, or remembering: the same answers (reference)' },
    { name: 'output', short: 'o', value: 'jsonl', about: 'the only format (jsonl)' },
  ],
  examples: [
    { line: 'keelson decide fit.jsonl.gz --decider scan > answers.jsonl', does: 'every case of one suite' },
    { line: 'keelson decide *.jsonl.gz | head -1 | jq .answer.host', does: 'the node of the first answer' },
  ],
  load: () => import('./commands/decide.ts'),
};

const bench: CommandSpec = {
  name: 'bench',
  summary: 'decisions per second, beside those of kube-scheduler',
  usages: ['[WORD...] [-o json] [--compare FILE] [--runs N] [--smoke]'],
  about: [
    'Runs the workloads that kube-scheduler 1.36.3 was measured with, and larger ones, under the engine, the scan, the scan ' +
      'that samples nodes as kube-scheduler does, the same rules over plain objects (reference), and an empty loop (floor); ' +
      'one process per row. All pods wait before the clock starts; the work is to decide and to assume.',
    'WORDs choose rows by parts of their workload or decider. Some large workloads run only under their whole name: ' +
      'PreemptionBasic5000Nodes, GrowthPlainAll100k, TenShapesMillion. OpenB, by itself, is the published experiment: whole ' +
      'runs of each policy on its default workload.',
    'Restart (from the bytes of a snapshot to the first decision) and Columns (memory by node and by pod) measure the ' +
      'state of a cluster of 5,000 nodes and 140,000 pods.',
    'Exit code 1 when the answers of a row are not those of scan and reference.',
  ],
  flags: [
    { name: 'compare', value: 'FILE', about: 'also print ratios to the JSON of an earlier run' },
    { name: 'runs', value: 'N', about: 'runs of each row (5); the median counts' },
    { name: 'smoke', about: 'small cuts of every workload, once: whether all still works, not how fast' },
    OUTPUT,
  ],
  examples: [
    { line: 'keelson bench SchedulingBasic', does: 'plain pods on 5,000 nodes under every decider' },
    { line: 'keelson bench engine -o json > now.json', does: 'the engine on all workloads, as JSON' },
    { line: 'keelson bench engine --compare now.json', does: 'what has changed since' },
  ],
  load: () => import('./commands/bench.ts'),
};

const SERVICES: FlagSpec = {
  name: 'config',
  value: 'FILE',
  about: 'Services with EndpointSlices, or with the Pods they select; Nodes give zones',
};
const NODE: FlagSpec = {
  name: 'node',
  value: 'NAME',
  about: 'the node it stands on: traffic policy Local and hints look at it',
};
const PICK_POLICY: FlagSpec = {
  name: 'policy',
  value: 'P',
  about: 'for Services without the annotation proxy.keelson.dev/policy (random, as kube-proxy)',
};

const proxy: CommandSpec = {
  name: 'proxy',
  summary: 'serve the Services of a file, to the endpoints that kube-proxy would choose from',
  usages: [
    '--config FILE [--node NAME] [--listen MAP[,MAP..]] [--stats PORT]',
    '--config FILE --backend nftables [--node NAME] [--pod-cidr CIDR[,CIDR..]]',
  ],
  about: [
    'A cluster address cannot be taken without privileges, so a Service is served on addresses of this machine: its node ' +
      'ports on --node-address, and what --listen maps, NAMESPACE/SERVICE:PORT=[HOST:]PORT, a port by its name or number. ' +
      'Services of type NodePort without a number get one.',
    'The file is watched, and changes are served without a connection lost. A wrong file is told with line and field, and ' +
      'the last good table stays. Ctrl-C or SIGTERM lets connections end; a second one does not wait.',
    'appProtocol http, kubernetes.io/h2c and grpc (HTTP/2 without TLS) balance every request instead of every connection. ' +
      'Annotations of a Service, proxy.keelson.dev/…: policy, protocol (tcp, http, http2, grpc), connect-timeout, idle-timeout, response-timeout, max-connection-age (5s, 500ms, 2m), ' +
      'max-attempts, accept-proxy-protocol (true), send-proxy-protocol (v1, v2), and those of ejection, probes, slow start, ' +
      'zones, priorities and subsets in runtime/proxy/README.md.',
    'Health check node ports (type LoadBalancer, externalTrafficPolicy Local) answer as kube-proxy does, on --node-address.',
    '--backend nftables (Linux, root, nft) lets the kernel carry connections, at the cluster addresses, node ports and load ' +
      "balancers' addresses themselves, dealt out at random as kube-proxy does. Its table `inet keelson` goes with the process.",
  ],
  flags: [
    SERVICES,
    NODE,
    { name: 'backend', value: 'NAME', about: 'userspace or nftables (userspace)' },
    { name: 'pod-cidr', value: 'CIDR[,CIDR..]', about: "nftables: this node's pods, who keep their address" },
    { name: 'node-address', value: 'IP', about: 'where node ports are served (127.0.0.1); 0.0.0.0: on all addresses' },
    { name: 'listen', value: 'MAP[,MAP..]', about: 'further addresses for Service ports' },
    PICK_POLICY,
    { name: 'stats', value: 'PORT', about: 'JSON counters at /stats, /healthz and /livez, on --node-address' },
    { name: 'metrics', value: 'IP:PORT', about: "the same in Prometheus' words, at /metrics (not served)" },
    { name: 'threads', value: 'N', about: 'workers (one per core)' },
    { name: 'max-connections', value: 'N', about: 'of all clients together; one more is reset (65536)' },
    { name: 'grace', value: 'SECONDS', about: 'for connections to end when it is stopped (30)' },
    { ...OUTPUT, about: 'how to print what is served (table)' },
  ],
  examples: [
    { line: 'keelson proxy --config services.yaml', does: 'every node port of the file, on loopback' },
    {
      line: 'keelson proxy --config services.yaml --listen default/web:http=8080,shop/api:80=127.0.0.1:9090',
      does: 'Services without a node port, too',
    },
    {
      line: 'keelson proxy --config services.yaml --node n1 --stats 9100 & curl localhost:9100/stats',
      does: 'as node n1 would serve them, with counters',
    },
    {
      line: 'sudo keelson proxy --config services.yaml --backend nftables --node n1 --pod-cidr 10.1.0.0/24',
      does: 'the cluster addresses themselves, by the kernel',
    },
  ],
  load: () => import('./commands/proxy.ts'),
};

const pick: CommandSpec = {
  name: 'pick',
  summary: 'which endpoint of a Service a client gets, and why',
  usages: ['--config FILE --service [NAMESPACE/]NAME:PORT --client IP [--policy P] [--node NAME]'],
  about: [
    'For a client on the node that connects to the cluster address: which endpoints are eligible there and why the others ' +
      'are not, and how the policy chooses among them. Policies that draw, draw from the seed.',
  ],
  flags: [
    SERVICES,
    { name: 'service', value: '[NS/]NAME:PORT', about: 'a port of a Service, by its name or number' },
    { name: 'client', value: 'IP', about: 'who connects' },
    { ...PICK_POLICY, about: "instead of the Service's own" },
    NODE,
    SEED,
    OUTPUT,
  ],
  examples: [
    {
      line: 'keelson pick --config s.yaml --service web:80 --client 10.1.2.3',
      does: 'one client of default/web',
    },
    {
      line: 'keelson pick --config s.yaml --service shop/api:http --client 10.1.2.3 -o json --policy maglev',
      does: 'under another policy, as JSON',
    },
  ],
  load: () => import('./commands/pick.ts'),
};

const up: CommandSpec = {
  name: 'up',
  summary: 'a cluster in one process: an API that kubectl takes for Kubernetes, and a scheduler',
  usages: ['[--nodes N] [--data-dir DIR] [--store S] [--port P]'],
  about: [
    'Starts the store, the API server, the scheduler and the controllers, writes a kubeconfig and says how to use it. Ctrl-C lets requests ' +
      'end and closes everything; the next start with the same store goes on where this one ended.',
    '--nodes makes up nodes: pods on them run at once, and answer logs, exec, attach, cp and port-forward, without a ' +
      'container. A pod with the annotation keelson.dev/made-up-run: 5s is done after that time, with the exit code of ' +
      'keelson.dev/made-up-exit-code.',
    'Where a Docker Engine answers (--docker-host, DOCKER_HOST or the default socket) this machine is a node too, and its ' +
      'pods are real containers. They run on when Keelson ends, and are taken over at its next start.',
    'Services are carried to pods in containers (--proxy): as root on Linux by the kernel, at cluster addresses and node ' +
      'ports; else by a thread of this process, at node ports, and as root at cluster addresses too. Pods on made-up nodes ' +
      'are reached by nobody: a Service that has no others refuses connections.',
    'Controllers keep Deployments, ReplicaSets, ReplicationControllers and Jobs; StatefulSets, DaemonSets and CronJobs ' +
      'are stored and make no pods yet.',
    'Over HTTPS, with a certificate authority of its own; --insecure is plain HTTP, where everybody is the administrator ' +
      'and kubectl sends no credentials.',
  ],
  flags: [
    { name: 'nodes', value: 'N', about: 'made-up nodes of 32 cpus, 256Gi and 110 pods, in three zones (0)' },
    ...ENGINE,
    {
      name: 'proxy',
      value: 'HOW',
      about: 'auto, nftables, userspace or off: who carries connections to Services; auto: only to containers (auto)',
    },
    { name: 'allow-privileged', about: 'let pods ask for privileged containers' },
    { name: 'data-dir', value: 'DIR', about: 'keys, certificates, store and kubeconfig (~/.keelson)' },
    { name: 'store', value: 'NAME', about: 'lmdb, memory or etcd://HOST:PORT (lmdb)' },
    { name: 'host', value: 'IP', about: 'where it listens (127.0.0.1)' },
    { name: 'port', value: 'P', about: '0 takes any that is free (6443)' },
    { name: 'kubeconfig', value: 'FILE', about: 'where it is written (DIR/kubeconfig)' },
    { name: 'token-file', value: 'FILE', about: 'further bearer tokens, a line each: TOKEN,USER,UID,"GROUP,GROUP"' },
    { name: 'insecure', about: 'plain HTTP without authentication; for loopback only' },
    SEED,
    { ...OUTPUT, about: 'how to print where it listens (table)' },
  ],
  examples: [
    { line: 'keelson up --nodes 3', does: 'a cluster to play with' },
    { line: 'keelson up --nodes 1000 --store memory --port 0', does: 'a large one that leaves nothing behind' },
    { line: 'keelson up --store etcd://127.0.0.1:2379', does: 'kept in etcd' },
  ],
  load: () => import('./commands/up.ts'),
};

const store: CommandSpec = {
  name: 'store',
  summary: 'save what a cluster holds to one file, or put it back',
  usages: ['save FILE [--data-dir DIR] [--store S]', 'restore FILE [--data-dir DIR] [--store S] [--replace]'],
  about: [
    "All objects of one revision. With lmdb the cluster has to be stopped: its folder is one process's at a time.",
    'Keys and certificates are files of DIR/pki and are not in it.',
  ],
  flags: [
    { name: 'data-dir', value: 'DIR', about: 'of keelson up (~/.keelson)' },
    { name: 'store', value: 'NAME', about: 'lmdb or etcd://HOST:PORT (lmdb)' },
    { name: 'replace', about: 'restore: what the store holds is lost' },
    OUTPUT,
  ],
  examples: [
    { line: 'keelson store save cluster.snapshot', does: 'write a snapshot' },
    { line: 'keelson store restore cluster.snapshot --data-dir other', does: 'a second cluster of the same objects' },
  ],
  load: () => import('./commands/store.ts'),
};

export const COMMANDS: readonly CommandSpec[] = [start, simulate, explain, decide, up, store, bench, proxy, pick];
