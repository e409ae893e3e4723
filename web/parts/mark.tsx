/** A name tag: what hangs on a thing to say whose it is. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path
      d="M11.6 4h13.9A3.5 3.5 0 0 1 29 7.5v17a3.5 3.5 0 0 1-3.5 3.5H11.6a4 4 0 0 1-2.9-1.25L2.6 18.3a3.4 3.4 0 0 1 0-4.6l6.1-8.45A4 4 0 0 1 11.6 4Z"
      fill="currentColor"
    />
    <circle class="hole" cx="8.6" cy="16" r="2.1" />
    <path
      class="letter"
      d="M14.5 21.5v-11l4.6 6.2 4.6-6.2v11"
      fill="none"
      stroke-width="2.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
)
