"""How the findings were computed: each method with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One method: what it answers, how, and where it is described.

    ``cited`` are the keys of its sources in ``templates/report/sources.bib``; ``explains`` are the
    headings and the columns of tables that a page links to it.
    """

    name: str
    how: str
    source: str
    cited: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of its place on a page."""
        return f"method-{self.name.lower().replace(' ', '-')}"


METHODS = (
    Method(
        name="Levels",
        how="Repeatability is what ACM calls so: the same team with the same setup gets the same "
        "result. Here these are repeats of one cell and one seed, each in a process of its own. "
        "Outcome, analysis and interpretation reproducibility are Gundersen's: the outcome is the "
        "same elsewhere; or it differs and its analysis leads to the same answer; or the "
        "interpretation stays the same. No badge of ACM is meant.",
        source="ACM, Artifact Review and Badging, version 1.1, 2020; O. E. Gundersen, The "
        "fundamental principles of reproducibility, Phil. Trans. R. Soc. A 379, 20200210 (2021)",
        cited=("acm2020", "gundersen2021"),
        explains=("Verdict",),
    ),
    Method(
        name="Outcome classes",
        how="Runs whose final weights (O0), predictions (O1), labels (O2) or metrics (O3) agree to "
        "the last bit, at the finest grade that all runs have recorded. Counts of test items, such "
        "as an accuracy or F1, and rounded numbers are no such evidence: runs that differ may have "
        "the same, and it is then said that they have the same accuracy.",
        source="the question of arXiv:2312.06633, on bits instead of rounded accuracies",
        cited=("coakley2022",),
        explains=("Outcome classes", "class", "classes"),
    ),
    Method(
        name="Bound of a tie",
        how="k runs that agree leave a disagreeing run a probability of at most 1 − 0.05^(1/m), "
        "at 95 % confidence, with m = k − 1: the first run finds the class that the others are "
        "held against. With s seeds, n runs count for m = n − s. It is of one cell, not of all at "
        "once. Runs held against a class that was known before them, as `confirm` and "
        "`verify --rerun` do, are all trials: m = k. The share of cells that move has a "
        "Clopper-Pearson interval for as many draws as there are hardware environments.",
        source="C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934), for no event in m; E. L. "
        "Korn, B. I. Graubard, Survey Methodology 24, 193 (1998)",
        cited=("clopper1934", "korn1998"),
        explains=("Repeatability", "moving"),
    ),
    Method(
        name="Precision",
        how="s_r² = Σ(nᵢ−1)sᵢ²/Σ(nᵢ−1), s_R² = s_r² + s_L², limits 2.8·s, with hardware "
        "environments as laboratories. The interval of s_R is the modified large-sample one, from "
        "four of them on, with Satterthwaite's degrees of freedom. They are compared "
        "under the same seed; with several seeds the sums of squares and their degrees of freedom "
        "are added up.",
        source="ISO 5725-2:2019, Accuracy of measurement methods and results, part 2; F. A. "
        "Graybill, C.-M. Wang, JASA 75, 869 (1980); R. K. Burdick, F. A. Graybill, Technometrics "
        "26, 131 (1984)",
        cited=("iso5725", "graybill1980", "burdick1984"),
        explains=("Precision", "s_r", "s_R", "s_R, 95 %", "r", "R"),
    ),
    Method(
        name="Outliers",
        how="Cochran's C, Grubbs' G, Mandel's h and k: flagged, never taken out.",
        source="ISO 5725-2:2019",
        cited=("iso5725",),
    ),
    Method(
        name="Variance components",
        how="Crossed random effects of hardware, software and, where it varied, the seed, by "
        "restricted maximum likelihood (REML) with no variance below 0, whether or not runs are "
        "missing. Without any residual, missing cells that follow from the others are inferred. "
        "The intervals hold what lowers twice the logarithm of the profile likelihood by at most a "
        "cut, with which that of a single mean square is the exact one by χ²: 3.84 with many "
        "levels, with two 2.41 below and 5.93 above; that of an estimate of 0 is an upper limit. "
        "Of a full grid ANOVA's raw estimate is printed too.",
        source="H. D. Patterson, R. Thompson, Biometrika 58, 545 (1971); D. J. Venzon, S. H. "
        "Moolgavkar, Applied Statistics 37, 87 (1988); S. R. Searle, G. Casella, C. E. McCulloch, "
        "Variance Components, Wiley 1992; J. Cornfield, J. W. Tukey, Annals of Mathematical "
        "Statistics 27, 907 (1956)",
        cited=("patterson1971", "venzon1988", "searle1992", "cornfield1956"),
        explains=("Variance components", "variance, 95 %", "raw variance"),
    ),
    Method(
        name="Machines against seeds",
        how="The standard deviation of results that differ only in their hardware environment, "
        "√(σ²_H + σ²_HS), by that of results that differ only in their seed, √(σ²_S + σ²_HS), in "
        "one software environment, by REML with repeats apart. The interval holds the ratios that "
        "lower twice the logarithm of the profile likelihood by at most 3.84.",
        source="H. D. Patterson, R. Thompson, Biometrika 58, 545 (1971); D. J. Venzon, S. H. "
        "Moolgavkar, Applied Statistics 37, 87 (1988)",
        cited=("patterson1971", "venzon1988"),
    ),
    Method(
        name="Attribution",
        how="The smallest sets of recorded attributes whose values determine the class, with every "
        "alias and a counterexample for what does not suffice. Their chance is the share of "
        "relabellings of the types of machine (all, or 2,000 drawn ones) for which some set of so "
        "many attributes determines the classes; above 5 % the table can't tell. Machines with the "
        "same hardware are one type, since they end alike because they are alike. Several tables "
        "are relabelled at once. What is not known of all hardware is no cause.",
        source="functional dependencies of the observed table, which show association, and "
        "emulation tests the cause; B. Phipson, G. K. Smyth, Statistical Applications in Genetics "
        "and Molecular Biology 9, article 39 (2010)",
        cited=("phipson2010",),
        explains=("What goes along with the class", "What goes along with the classes everywhere"),
    ),
    Method(
        name="Claims",
        how="An environment holds a claim or contradicts it where that is significant (one-sided) "
        "after Holm's correction for all environments, claims and alternatives; else it is "
        "undecided. Without a test the means decide, but before environments are said to disagree, "
        "Cochran's Q must show that their effects differ, with Welch's correction for few runs and "
        "the test of Brown and Forsythe, or by seeds as blocks; where it shows nothing and some "
        "are undecided, the mean effect answers. Equivalence is two one-sided tests, by Welch's t, "
        "and on average all effects must be within the margin, not only their mean. One share is "
        "tested by the exact binomial test, two by the score test, and two of the same items by "
        "McNemar's exact test. The share q of those that contradict the majority has a "
        "Clopper-Pearson interval for as many draws as there are hardware environments, and two "
        "laboratories disagree with 2q(1−q). A test takes the repeats of one seed for one run, "
        "where there are several seeds.",
        source="S. Holm, Scandinavian Journal of Statistics 6, 65 (1979); D. J. Schuirmann, "
        "Journal of Pharmacokinetics and Biopharmaceutics 15, 657 (1987); W. G. Cochran, "
        "Biometrics 10, 101 (1954); B. L. Welch, Biometrika 38, 330 (1951); M. B. Brown, A. B. "
        "Forsythe, Technometrics 16, 129 (1974); J. P. T. Higgins, S. "
        "G. Thompson, Statistics in Medicine 21, 1539 (2002); Q. McNemar, "
        "Psychometrika 12, 153 (1947); S. W. Greenhouse, S. Geisser, "
        "Psychometrika 24, 95 (1959); O. Miettinen, M. Nurminen, Statistics in Medicine 4, 213 "
        "(1985); C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934)",
        cited=(
            "holm1979",
            "schuirmann1987",
            "cochran1954",
            "welch1951",
            "brown1974",
            "higgins2002",
            "mcnemar1947",
            "greenhouse1959",
            "miettinen1985",
            "clopper1934",
        ),
        explains=("Claims",),
    ),
    Method(
        name="Range as a tolerance interval",
        how="The content of [min, max] at 95 % confidence, for a random sample of environments.",
        source="S. S. Wilks, Annals of Mathematical Statistics 12, 91 (1941)",
        cited=("wilks1941",),
        explains=("Wilks",),
    ),
    Method(
        name="Unseen classes",
        how="Of n hardware environments, f₁ ended as no other did: their coverage is 1 − f₁/n, and "
        "Chao1 estimates how many different outcomes there are.",
        source="I. J. Good, Biometrika 40, 237 (1953); A. Chao, Scandinavian Journal of Statistics "
        "11, 265 (1984)",
        cited=("good1953", "chao1984"),
        explains=("Good-Turing", "Chao1"),
    ),
    Method(
        name="Number of laboratories",
        how="Whether there are 8 hardware environments. AOAC also asks for independent "
        "laboratories, five materials or more, duplicate tests, and at most two outliers in nine "
        "laboratories, which is not judged.",
        source="AOAC International, Official Methods of Analysis, Appendix D: Guidelines for "
        "Collaborative Study Procedures",
        cited=("aoac",),
        explains=("8 labs",),
    ),
    Method(
        name="Label churn",
        how="The number of test examples with different labels, of runs that differ in hardware, "
        "software, seed or nothing. An environment stands with what most of its runs predict under "
        "a seed. The interval of a pair's share is Clopper-Pearson's for as many draws as there "
        "are examples; for a mean over seeds it is wider than it need be. κ is Cohen's.",
        source="M. Milani Fard, Q. Cormier, K. Canini, M. Gupta, Advances in Neural Information "
        "Processing Systems 29 (2016); J. Cohen, Educational and Psychological Measurement 20, 37 "
        "(1960); C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934)",
        cited=("milanifard2016", "cohen1960", "clopper1934"),
        explains=("Label churn", "Churn between environments", "κ"),
    ),
    Method(
        name="Sampling error",
        how="√(p(1−p)/N) of a share p of N test items; a spread below it says little.",
        source="the standard error of a binomial share",
        explains=("sampling",),
    ),
)


def computed_with(versions: Mapping[str, str]) -> str:
    """Return what computed the findings, as a sentence."""
    return f"Computed with {', '.join(f'{name} {version}' for name, version in versions.items())}."
