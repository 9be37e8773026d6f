/** When nodes are given up, and how fast. Source: Kubernetes v1.36, kube-controller-manager's flags of the node-lifecycle-controller. */

export interface NodeLifecycleSettings {
  /** A node is looked at this often at least; one that is lost is sent nobody off from before that long. */
  monitorPeriodMs: number;
  /** Without a sign of life for so long a node is lost. */
  monitorGraceMs: number;
  /** For a node that has never said how it is. */
  startupGraceMs: number;
  /** Nodes a second in a zone that pods are sent off from. */
  evictionRate: number;
  /** In a zone of which too much is lost, if it is large; in a small one nobody is sent off. */
  secondaryEvictionRate: number;
  /** Zones of more nodes are large. */
  largeClusterSizeThreshold: number;
  /** Share of a zone, and at least three nodes, from which on too much is lost. */
  unhealthyZoneThreshold: number;
}

export const NODE_LIFECYCLE_DEFAULTS: NodeLifecycleSettings = {
  monitorPeriodMs: 5_000,
  monitorGraceMs: 50_000,
  startupGraceMs: 60_000,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
};
