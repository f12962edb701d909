// Frames kept by least recent use, bounded in bytes: an old ward PC must survive a CT of a thousand slices.
export class ByteCache<T> {
  private held = new Map<string, { value: T; bytes: number }>();
  private total = 0;
  constructor(private readonly limit: number, private readonly dropped: (value: T) => void = () => {}) {}

  get(key: string): T | undefined {
    const found = this.held.get(key);
    if (!found) return undefined;
    this.held.delete(key);
    this.held.set(key, found);
    return found.value;
  }
  put(key: string, value: T, bytes: number): void {
    this.drop(key);
    this.held.set(key, { value, bytes });
    this.total += bytes;
    for (const oldest of this.held.keys()) {
      if (this.total <= this.limit || this.held.size === 1) break;
      this.drop(oldest);
    }
  }
  private drop(key: string): void {
    const found = this.held.get(key);
    if (!found) return;
    this.held.delete(key);
    this.total -= found.bytes;
    this.dropped(found.value);
  }
  clear(): void {
    for (const key of [...this.held.keys()]) this.drop(key);
  }
  get bytes(): number {
    return this.total;
  }
  get size(): number {
    return this.held.size;
  }
}
