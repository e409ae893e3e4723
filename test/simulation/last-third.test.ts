import { describeSeeds } from './every-seed.ts'

describeSeeds(2, 3)
