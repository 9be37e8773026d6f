import { test } from 'uvu';
import type { Pod } from '../../../../core/objects/types.ts';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const MIB = 1024 * 1024;
const runs = (...images: string[]): Pod =>
  pod('p', { spec: { containers: images.map((image, i) => ({ name: `c${i}`, image })) } });

runCases('ImageLocality', [
  {
    name: 'a node without the image has 0',
    nodes: [node('a', { images: { 'web:1': 1000 * MIB } }), node('b')],
    pod: runs('web:1'),
    // Half of the nodes have it, so half of its bytes count: (500 - 23) of (1000 - 23) MiB.
    expect: { scores: { ImageLocality: { a: 48, b: 0 } } },
  },
  {
    name: 'when every node has it, all of its bytes count',
    nodes: [node('a', { images: { 'web:1': 1000 * MIB } }), node('b', { images: { 'web:1': 1000 * MIB } })],
    pod: runs('web:1'),
    expect: { scores: { ImageLocality: { a: 100, b: 100 } } },
  },
  {
    name: '23 MiB and less are worth nothing',
    nodes: [node('a', { images: { 'web:1': 23 * MIB } }), node('b', { images: { 'web:1': 23 * MIB } })],
    pod: runs('web:1'),
    expect: { scores: { ImageLocality: { a: 0, b: 0 } } },
  },
  {
    name: 'without a tag it is :latest; a port is no tag; a digest stays',
    nodes: [
      node('a', { images: { 'web:latest': 1000 * MIB } }),
      node('b', { images: { 'host:5000/x:latest': 1000 * MIB } }),
      node('c', { images: { 'web@sha256:1': 1000 * MIB } }),
    ],
    pod: runs('web', 'host:5000/x', 'web@sha256:1'),
    // Each has a third of 1000 MiB; the most that three containers can have is 3000 MiB.
    expect: { scores: { ImageLocality: { a: 10, b: 10, c: 10 } } },
  },
  {
    name: 'the size is the one that the first node reported',
    nodes: [node('a', { images: { 'web:1': 500 * MIB } }), node('b', { images: { 'web:1': 1000 * MIB } })],
    pod: runs('web:1'),
    expect: { scores: { ImageLocality: { a: 48, b: 48 } } },
  },
  {
    name: 'init containers and image volumes count too, volumes without raising the maximum',
    nodes: [
      node('a', { images: { 'i:1': 600 * MIB, 'v:1': 600 * MIB } }),
      node('b', { images: { 'i:1': 1, 'v:1': 1 } }),
    ],
    pod: pod('p', {
      spec: {
        initContainers: [{ name: 'i', image: 'i:1' }],
        containers: [],
        volumes: [{ name: 'v', image: { reference: 'v:1' } }],
      },
    }),
    expect: { scores: { ImageLocality: { a: 100, b: 100 } } },
  },
]);

test.run();
