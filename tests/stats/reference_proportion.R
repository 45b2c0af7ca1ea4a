# Reference limits for one proportion, from functions of base R only.
#   Rscript reference_proportion.R > reference_proportion.csv
# The stored file is from R 4.2.2. Formulas as in the R package binom 1.1; what differs there is said in the tests.
options(digits = 17)
quiet_root <- function(...) suppressWarnings(uniroot(..., tol = 1e-14, maxiter = 1e5))$root
mid <- function(x, n, a, upper) {
  if (upper && x == n) return(1)
  if (!upper && x == 0) return(0)
  tail <- function(p) {
    if (upper) pbinom(x - 1, n, p) + dbinom(x, n, p) / 2 else pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2
  }
  # searched in the logit, so that small limits keep their digits
  plogis(quiet_root(function(t) log(tail(plogis(t))) - log(a), c(-25, 25)))
}
lrt <- function(x, n, z, upper) {
  if (upper && x == n) return(1)
  if (!upper && x == 0) return(0)
  if (x == 0) return(1 - exp(-z^2 / 2 / n))
  if (x == n) return(exp(-z^2 / 2 / n))
  best <- x * log(x / n) + (n - x) * log1p(-x / n)
  miss <- function(t) best - x * plogis(t, log.p = TRUE) - (n - x) * plogis(-t, log.p = TRUE) - z^2 / 2
  at <- qlogis(x / n)
  plogis(quiet_root(miss, if (upper) c(at, at + 30) else c(at - 30, at)))
}
cases <- list(c(0,1), c(1,1), c(0,2), c(1,2), c(0,5), c(1,5), c(5,5), c(0,10), c(1,10), c(2,10), c(5,10), c(9,10), c(10,10),
  c(1,29), c(0,30), c(3,30), c(30,30), c(7,50), c(0,59), c(1,100), c(4,100), c(45,100), c(98,100), c(100,100), c(0,300), c(12,400),
  c(133,1206), c(302,1206), c(0,3000), c(1,3000), c(60,3000), c(2999,3000), c(50000,100000), c(3,1000000), c(0,10000000), c(12,10000000), c(9999999,10000000))
out <- NULL
for (case in cases) for (level in c(0.9, 0.95, 0.99)) for (side in c("two-sided", "lower", "upper")) {
  x <- case[1]; n <- case[2]
  a <- if (side == "two-sided") (1 - level) / 2 else 1 - level
  z <- qnorm(a, lower.tail = FALSE)
  alternative <- c("two-sided" = "two.sided", lower = "greater", upper = "less")[[side]]
  limits <- list(
    "clopper-pearson" = binom.test(x, n, conf.level = level, alternative = alternative)$conf.int,
    wilson = suppressWarnings(prop.test(x, n, conf.level = level, alternative = alternative, correct = FALSE))$conf.int,
    jeffreys = c(if (x == 0) 0 else qbeta(a, x + .5, n - x + .5), if (x == n) 1 else qbeta(a, x + .5, n - x + .5, lower.tail = FALSE)),
    "agresti-coull" = { m <- n + z^2; p <- (x + z^2 / 2) / m; pmin(pmax(p + c(-1, 1) * z * sqrt(p * (1 - p) / m), 0), 1) },
    wald = pmin(pmax(x / n + c(-1, 1) * z * sqrt(x / n * (1 - x / n) / n), 0), 1),
    "mid-p" = c(mid(x, n, a, FALSE), mid(x, n, a, TRUE)),
    likelihood = c(lrt(x, n, z, FALSE), lrt(x, n, z, TRUE)))
  for (method in names(limits)) {
    l <- limits[[method]]
    if (side == "lower") l[2] <- 1
    if (side == "upper") l[1] <- 0
    out <- rbind(out, data.frame(count = x, n = n, population = NA, confidence = level, side = side, method = method,
                                 lower = l[1], upper = l[2]))
  }
}
# Finite populations: every M tried with phyper, no search.
finite <- list(c(0,1,1), c(0,1,2), c(1,1,2), c(0,5,20), c(2,5,20), c(5,5,20), c(10,20,20), c(3,20,100), c(45,100,300), c(2,100,300),
  c(50,60,61), c(0,30,40), c(39,39,40), c(1,59,1000), c(0,258,1000), c(17,250,1234), c(12,400,5000), c(0,600,20000), c(300,600,20000), c(600,600,20000), c(12,400,90000))
for (case in finite) for (level in c(0.9, 0.95, 0.99)) for (side in c("two-sided", "lower", "upper")) {
  x <- case[1]; n <- case[2]; N <- case[3]
  a <- if (side == "two-sided") (1 - level) / 2 else 1 - level
  M <- x:(N - n + x)
  keep_low <- phyper(x - 1, M, N - M, n, lower.tail = FALSE) > a * (1 + 1e-10)
  keep_up <- phyper(x, M, N - M, n) > a * (1 + 1e-10)
  l <- c(if (side == "upper") x else min(M[keep_low]), if (side == "lower") N - n + x else max(M[keep_up])) / N
  out <- rbind(out, data.frame(count = x, n = n, population = N, confidence = level, side = side, method = "exact",
                               lower = l[1], upper = l[2]))
}
for (column in c("count", "n")) out[[column]] <- sprintf("%d", as.integer(out[[column]]))
out$population <- ifelse(is.na(out$population), "", sprintf("%d", as.integer(out$population)))
for (column in c("lower", "upper")) out[[column]] <- sprintf("%.17g", out[[column]])
write.csv(out, stdout(), row.names = FALSE, quote = FALSE)
