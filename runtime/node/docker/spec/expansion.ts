/** `$(NAME)` in commands, arguments and values. Source: Kubernetes v1.36, third_party/forked/golang/expansion. */

/** Names that are not known stay as they are written; `$$` is a dollar sign. */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (written, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables.get(name) ?? written;
  });
}
