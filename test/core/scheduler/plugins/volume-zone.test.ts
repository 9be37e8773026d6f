import { test } from 'uvu';
import type { Labels } from '../../../../core/objects/types.ts';
import { claim, mounts, node, pod, volume } from '../../../support/builders.ts';
import { type DecisionCase, runCases } from '../../../support/decision-cases.ts';

const said = 'VolumeZone UAU: node(s) had no available volume zone';
const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';

const rows: [sentence: string, volume: Labels, node: Labels, fits: boolean][] = [
  ['the zone is the same', { [ZONE]: 'z1' }, { [ZONE]: 'z1' }, true],
  ['the zone is another', { [ZONE]: 'z1' }, { [ZONE]: 'z2' }, false],
  ['a node without any zone or region takes all', { [ZONE]: 'z1' }, {}, true],
  ['a node with a region but without a zone does not', { [ZONE]: 'z1' }, { [REGION]: 'r' }, false],
  ['a volume may reach several zones', { [ZONE]: 'z1__z2' }, { [ZONE]: 'z2' }, true],
  ['an empty one among several makes the label void', { [ZONE]: 'z1__' }, { [ZONE]: 'z2' }, true],
  ['every label must match', { [ZONE]: 'z1', [REGION]: 'r1' }, { [ZONE]: 'z1', [REGION]: 'r2' }, false],
  ['a beta label of the volume looks at the GA label of the node', { [BETA_ZONE]: 'z1' }, { [ZONE]: 'z1' }, true],
  ['but at its beta label first', { [BETA_ZONE]: 'z1' }, { [BETA_ZONE]: 'z2', [ZONE]: 'z1' }, false],
  [
    'a GA label of the volume does not look at the beta label of the node',
    { [ZONE]: 'z1' },
    { [BETA_ZONE]: 'z1' },
    false,
  ],
];

runCases(
  'VolumeZone',
  rows.map(
    ([name, onVolume, labels, fits]): DecisionCase => ({
      name,
      nodes: [node('a', { labels })],
      objects: [claim('data', { volumeName: 'v' }), volume('v', { labels: onVolume })],
      pod: pod('p', { spec: mounts('data') }),
      expect: { rejected: fits ? {} : { a: said } },
    }),
  ),
);

runCases('VolumeZone', [
  {
    name: 'the volume of a bound claim must be there',
    nodes: [node('a')],
    objects: [claim('data', { volumeName: 'gone' })],
    pod: pod('p', { spec: mounts('data') }),
    expect: { refused: 'VolumeZone UAU: persistentvolume "gone" not found' },
  },
]);

test.run();
