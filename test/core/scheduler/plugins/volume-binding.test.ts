import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CSIDriver, CSIStorageCapacity, KubeObject } from '../../../../core/objects/types.ts';
import { claim, mounts, node, object, pod, storageClass, volume } from '../../../support/builders.ts';
import { DECIDERS } from '../../../support/deciders.ts';
import { type DecisionCase, prepare, rejections, runCases } from '../../../support/decision-cases.ts';

const conflict = "VolumeBinding UAU: node(s) didn't match PersistentVolume's node affinity";
const none = "VolumeBinding UAU: node(s) didn't find available persistent volumes to bind";
const noSpace = 'VolumeBinding UAU: node(s) did not have enough free storage';
const inZone = (name: string, zone: string) => node(name, { labels: { zone } });
const nodes = [inZone('a', 'z1'), inZone('b', 'z2')];
const p = pod('p', { spec: mounts('data') });
const wait = storageClass('wait');
const refusal = (name: string, objects: KubeObject[], reason: string): DecisionCase => ({
  name,
  nodes,
  objects,
  pod: p,
  expect: { refused: `VolumeBinding UAU: ${reason}` },
});

runCases('VolumeBinding, claims', [
  refusal(
    'an unbound claim that binds at once must be bound first',
    [claim('data', { storageClassName: 'now' }), storageClass('now', { volumeBindingMode: 'Immediate' })],
    'pod has unbound immediate PersistentVolumeClaims',
  ),
  refusal(
    'so must one without a class',
    [claim('data', { storageClassName: '' })],
    'pod has unbound immediate PersistentVolumeClaims',
  ),
  refusal(
    'a claim that names its volume and is not bound yet counts as immediate',
    [claim('data', { spec: { volumeName: 'v' } }), wait],
    'pod has unbound immediate PersistentVolumeClaims',
  ),
  refusal(
    'a claim that is being deleted is none',
    [claim('data', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), wait],
    'persistentvolumeclaim "data" is being deleted',
  ),
  refusal(
    'a lost claim is none',
    [{ ...claim('data', { volumeName: 'v' }), status: { phase: 'Lost' } } as KubeObject],
    'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"',
  ),
  {
    name: 'an ephemeral volume waits for its claim',
    nodes,
    pod: pod('p', { spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } }),
    expect: {
      refused: 'VolumeBinding UAU: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-tmp"',
    },
  },
  {
    name: 'and the claim must be its own',
    nodes,
    objects: [claim('p-tmp', { volumeName: 'v' }), volume('v')],
    pod: pod('p', { spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } }),
    expect: { refused: 'VolumeBinding UAU: PVC default/p-tmp was not created for pod default/p (pod is not owner)' },
  },
  {
    name: 'a class that does not say when it binds is an error',
    nodes,
    objects: [claim('data'), storageClass('wait', { volumeBindingMode: undefined })],
    pod: p,
    expect: { error: /VolumeBindingMode not set for StorageClass "wait"/ },
  },
]);

runCases('VolumeBinding, bound and static volumes', [
  {
    name: 'a bound volume must reach the node',
    nodes,
    objects: [claim('data', { volumeName: 'v' }), volume('v', { reaches: { zone: 'z1' } })],
    pod: p,
    expect: { rejected: { b: conflict } },
  },
  {
    name: 'one without node affinity reaches all',
    nodes,
    objects: [claim('data', { volumeName: 'v' }), volume('v')],
    pod: p,
    expect: {},
  },
  {
    name: 'without a volume and a provisioner there is none',
    nodes,
    objects: [claim('data'), wait],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'a free volume is found where it reaches',
    nodes,
    objects: [claim('data'), wait, volume('v', { reaches: { zone: 'z2' } })],
    pod: p,
    expect: { rejected: { a: none } },
  },
  {
    name: 'an exactly large enough one will do',
    nodes,
    objects: [claim('data'), wait, volume('v', { has: '5Gi' })],
    pod: p,
    expect: {},
  },
  {
    name: 'a smaller one will not',
    nodes,
    objects: [claim('data'), wait, volume('v', { has: '5119Mi' })],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one of another class will not',
    nodes,
    objects: [claim('data'), wait, volume('v', { storageClassName: 'x' })],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that is not available will not',
    nodes,
    objects: [claim('data'), wait, volume('v', { phase: 'Released' })],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that lacks an access mode will not',
    nodes,
    objects: [claim('data', { accessModes: ['ReadWriteMany'] }), wait, volume('v')],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one of another volume mode will not',
    nodes,
    objects: [claim('data', { spec: { volumeMode: 'Block' } }), wait, volume('v')],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one of another attributes class will not',
    nodes,
    objects: [claim('data', { spec: { volumeAttributesClassName: 'fast' } }), wait, volume('v')],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that is being deleted will not',
    nodes,
    objects: [claim('data'), wait, volume('v', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that the selector does not see will not',
    nodes,
    objects: [claim('data', { spec: { selector: { matchLabels: { disk: 'ssd' } } } }), wait, volume('v')],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that is promised to another claim will not',
    nodes,
    objects: [claim('data'), wait, volume('v', { spec: { claimRef: { namespace: 'default', name: 'other' } } })],
    pod: p,
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'one that is promised to this claim will, whatever its phase',
    nodes,
    objects: [
      claim('data'),
      wait,
      volume('v', { phase: 'Bound', spec: { claimRef: { namespace: 'default', name: 'data' } } }),
    ],
    pod: p,
    expect: {},
  },
  {
    name: 'and where that one does not reach no other is taken',
    nodes,
    objects: [
      claim('data'),
      wait,
      volume('free'),
      volume('v', { reaches: { zone: 'z2' }, spec: { claimRef: { namespace: 'default', name: 'data' } } }),
    ],
    pod: p,
    expect: { rejected: { a: none } },
  },
  {
    name: 'two claims need two volumes',
    nodes,
    objects: [claim('data'), claim('more'), wait, volume('v')],
    pod: pod('p', { spec: mounts('data', 'more') }),
    expect: { rejected: { a: none, b: none } },
  },
  {
    name: 'the smaller claim chooses first, and takes the smallest volume',
    nodes,
    objects: [
      claim('large', { asks: '8Gi' }),
      claim('small', { asks: '1Gi' }),
      wait,
      volume('v-large', { has: '8Gi' }),
      volume('v-small', { has: '2Gi' }),
    ],
    pod: pod('p', { spec: mounts('large', 'small') }),
    expect: {},
  },
]);

const made = storageClass('wait', { provisioner: 'csi.example.com' });
const driver = object<CSIDriver>('CSIDriver', 'csi.example.com', { spec: { storageCapacity: true } });
const csiDriver: KubeObject = { ...driver, metadata: { name: 'csi.example.com' } };
const capacity = (name: string, zone: string, parts: Partial<CSIStorageCapacity>): KubeObject =>
  object<CSIStorageCapacity>('CSIStorageCapacity', name, {
    storageClassName: 'wait',
    nodeTopology: { matchLabels: { zone } },
    ...parts,
  });

runCases('VolumeBinding, provisioning', [
  { name: 'a provisioner makes a volume anywhere', nodes, objects: [claim('data'), made], pod: p, expect: {} },
  {
    name: 'or only in the topologies the class allows',
    nodes,
    objects: [
      claim('data'),
      {
        ...made,
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['z1', 'z3'] }] }],
      } as KubeObject,
    ],
    pod: p,
    expect: { rejected: { b: none } },
  },
  {
    name: 'a claim that was promised to a node goes to that node only',
    nodes,
    objects: [claim('data', { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'b' } } }), made],
    pod: p,
    expect: { rejected: { a: none } },
  },
  {
    name: 'a driver that publishes its capacity must have enough for the node',
    nodes,
    objects: [
      claim('data'),
      made,
      csiDriver,
      capacity('one', 'z1', { capacity: '5Gi' }),
      capacity('two', 'z2', { capacity: '4Gi' }),
    ],
    pod: p,
    expect: { rejected: { b: noSpace } },
  },
  {
    name: 'the largest volume it makes counts before its capacity',
    nodes,
    objects: [
      claim('data'),
      made,
      csiDriver,
      capacity('one', 'z1', { capacity: '9Gi', maximumVolumeSize: '1Gi' }),
      capacity('two', 'z2', { capacity: '1Gi', maximumVolumeSize: '9Gi' }),
    ],
    pod: p,
    expect: { rejected: { a: noSpace } },
  },
]);

for (const factory of DECIDERS) {
  test(`VolumeBinding reserve, ${factory.kind}: a volume that was taken is taken for the next pod, too`, () => {
    const objects = [claim('data'), claim('more'), wait, volume('v', { reaches: { zone: 'z1' } })];
    const { decider, listers } = prepare(factory, { nodes, objects });
    const cycle = decider.begin(p);
    cycle.reserve(cycle.nodeIndex('a'));
    assert.is(listers.get('PersistentVolume', 'v')?.spec.claimRef?.name, 'data');
    assert.equal(rejections(decider.begin(pod('q', { spec: mounts('more') }))), { a: none, b: none });
    assert.equal(rejections(decider.begin(pod('r', { spec: mounts('data') }))), { b: none });
  });

  test(`VolumeBinding reserve, ${factory.kind}: what was reserved can be taken back`, () => {
    const objects = [claim('data'), claim('more'), wait, volume('v', { reaches: { zone: 'z1' } })];
    const { decider, listers } = prepare(factory, { nodes, objects });
    const cycle = decider.begin(p);
    cycle.reserve(cycle.nodeIndex('a'));
    decider.unreserve(p);
    assert.is(listers.get('PersistentVolume', 'v')?.spec.claimRef, undefined);
    assert.equal(rejections(decider.begin(pod('q', { spec: mounts('more') }))), { b: none });
  });

  test(`VolumeBinding reserve, ${factory.kind}: a volume to be made is promised to the node`, () => {
    const { decider, listers } = prepare(factory, { nodes, objects: [claim('data'), made] });
    const cycle = decider.begin(p);
    cycle.reserve(cycle.nodeIndex('b'));
    const annotations = listers.get('PersistentVolumeClaim', 'default/data')?.metadata.annotations;
    assert.is(annotations?.['volume.kubernetes.io/selected-node'], 'b');
    assert.equal(rejections(decider.begin(pod('q', { spec: mounts('data') }))), { a: none });
  });
}

test.run();
