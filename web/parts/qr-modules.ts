/** Light around the code, by which a camera finds it: four modules wide (ISO/IEC 18004 §9.1). */
const quietZone = 4

/** @returns rows of modules, dark ones true, with the light edge around them */
export async function qrModules(text: string): Promise<readonly (readonly boolean[])[]> {
  const { default: encodeQr } = await import('qr')
  return encodeQr(text, 'raw', { ecc: 'medium', border: quietZone })
}
