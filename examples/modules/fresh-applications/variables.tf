variable "names" {
  description = "Names of the applications to keep fresh."
  type        = set(string)
}

variable "max_age" {
  description = "How old an import may become before the next run stages a new one."
  type        = string
  default     = "20h"
}

variable "wait" {
  description = "Whether the run waits for the imports, and fails if one of them does not finish."
  type        = bool
  default     = true
}

variable "timeout" {
  description = "How long the run waits for each import."
  type        = string
  default     = "4h"
}
