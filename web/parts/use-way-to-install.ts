import { useEffect, useState } from 'preact/hooks'
import type { InstallDoor, WayToInstall } from '../doors/install.ts'

/** @returns the way, as it is now; and how to look again */
export function useWayToInstall(door: InstallDoor): readonly [WayToInstall, () => void] {
  const [way, setWay] = useState(door.way())
  const look = () => setWay(door.way())
  useEffect(() => door.subscribe(look), [door])
  return [way, look]
}
