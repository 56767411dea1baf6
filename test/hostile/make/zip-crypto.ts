/** The traditional zip cipher (PKWARE APPNOTE 6.1), with a fixed header so that the bytes are always the same. */
export function zipCrypto(plain: Uint8Array, password: string, crc: number): Buffer {
  const keys: [number, number, number] = [0x12345678, 0x23456789, 0x34567890];
  const step = (byte: number) => {
    keys[0] = crcStep(keys[0], byte);
    keys[1] = (Math.imul((keys[1] + (keys[0] & 0xff)) >>> 0, 134775813) + 1) >>> 0;
    keys[2] = crcStep(keys[2], keys[1] >>> 24);
  };
  for (const byte of Buffer.from(password)) step(byte);
  const header = Buffer.alloc(12, 0x5a);
  header[11] = crc >>> 24;
  return Buffer.from(
    Buffer.concat([header, plain]).map((byte) => {
      const key = (keys[2] | 2) & 0xffff;
      const masked = byte ^ ((Math.imul(key, key ^ 1) >>> 8) & 0xff);
      step(byte);
      return masked;
    }),
  );
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const crcStep = (crc: number, byte: number): number => ((crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)) >>> 0;
