/** The parts of WebAssembly that are used: TypeScript declares it for browsers only. */
declare namespace WebAssembly {
  type Module = object;
  const Module: new (bytes: Uint8Array) => Module;

  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  const Memory: new (pages: { readonly initial: number }) => Memory;

  interface Instance {
    readonly exports: unknown;
  }
  const Instance: new (module: Module) => Instance;
}
