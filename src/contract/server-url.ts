/** `http(s)://host:port` as clients would write it. */
export function formatUrl(protocol: 'http' | 'https', host: string, port: number): string {
  return `${protocol}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/** An address that means all of them is no address to connect to. */
export function toReachable(url: string): string {
  return url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]');
}
