#include "services/deid/lexicon.h"

namespace freshet::deid {
namespace {

constexpr std::string_view kTitles = "mr mrs ms mx miss mister madam sir mme herr frau senor senora";
constexpr std::string_view kStaffTitles = "dr doctor prof professor nurse drs rev reverend fr pastor rabbi";
constexpr std::string_view kRoles =
    "patient pt name surname client resident subscriber guarantor insured member "
    "firstname lastname newborn decedent donor recipient";
constexpr std::string_view kStaffRoles =
    "provider attending physician pcp author surgeon anesthesiologist anaesthesiologist radiologist pathologist "
    "dictated transcribed transcriptionist interpreter consultant resident fellow intern clinician therapist "
    "pharmacist hospitalist referring cosigner signed cc counselor midwife";
constexpr std::string_view kByVerbs =
    "signed dictated transcribed seen reviewed referred performed examined prepared "
    "entered authored verified completed interviewed evaluated ordered interpreted "
    "cosigned approved written recorded attended accompanied brought authenticated";
constexpr std::string_view kRelatives =
    "wife husband son daughter mother father brother sister aunt uncle spouse partner fiance fiancee niece nephew "
    "grandson granddaughter grandmother grandfather cousin mom dad mum girlfriend boyfriend stepfather stepmother "
    "stepson stepdaughter caregiver guardian roommate friend neighbor neighbour twin twins";
constexpr std::string_view kCredentials =
    "md mbbs do rn np pa phd dds dmd lpn crna msw lcsw aprn dnp bsn msn facs facp "
    "pharmd dpm od cnm ot pt rph fnp frcp mrcp";
constexpr std::string_view kGreetings = "dear hi hello hey sincerely regards";
constexpr std::string_view kNamings = "named called";
constexpr std::string_view kParticles =
    "van von der den de del della di da dos das du la le el al bin ibn ben st mac mc ter ten y";
constexpr std::string_view kSuffixes = "jr sr ii iii iv esq";
constexpr std::string_view kWeekdays = "monday tuesday wednesday thursday friday saturday sunday";

// Common in many countries, and not words of English in their lower-case form.
constexpr std::string_view kGivenNames =
    "jane jack jake frank johnathan johnathon martin lynn alexandra james robert john michael david william richard "
    "joseph thomas christopher charles daniel matthew anthony steven "
    "paul andrew joshua kenneth kevin brian timothy ronald george jason edward jeffrey ryan jacob nicholas gary eric "
    "jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick raymond jerry dennis tyler "
    "aaron jose adam nathan henry zachary douglas peter kyle noah ethan jeremy christian walter keith austin roger "
    "terry sean gerald carl dylan harold jordan jesse bryan lawrence arthur gabriel bruce logan billy joe alan juan "
    "elijah willie albert wayne randy mason vincent liam roy bobby caleb bradley russell lucas fernando luis carlos "
    "miguel pedro javier rafael sergio diego alejandro ricardo eduardo jorge francisco antonio manuel mario roberto "
    "oscar hector raul enrique ruben pablo andres mary patricia jennifer linda elizabeth barbara susan jessica karen "
    "sarah lisa nancy sandra betty ashley emily kimberly margaret donna michelle carol amanda melissa deborah "
    "stephanie "
    "rebecca sharon laura cynthia dorothy amy kathleen angela shirley emma brenda pamela nicole anna samantha "
    "katherine "
    "christine debra rachel carolyn janet maria olivia heather helen catherine diane julie joyce victoria ruth "
    "virginia "
    "lauren kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria sara "
    "janice ann kathryn abigail sophia frances jean alice judy isabella julia denise doris danielle marilyn beverly "
    "charlotte natalie theresa diana brittany kayla alexis lori marie vanessa katrina terrence katie jenny kate molly "
    "ellen erin leah audrey claire sophie chloe zoe lucy ella mia nora hazel luna aria layla penelope stella maya "
    "sonia "
    "carmen rosa ana lucia elena isabel gabriela valentina camila daniela alejandra mariana paula fernanda adriana "
    "beatriz silvia monica veronica claudia patrizia giulia chiara francesca alessandra marco luca giovanni giuseppe "
    "francesco andrea matteo lorenzo paolo stefano pierre jacques michel philippe nicolas julien antoine camille "
    "celine sylvie nathalie isabelle hans klaus jurgen wolfgang dieter karl heinz fritz otto ingrid ursula helga "
    "monika sabine heike anke katja lars erik sven bjorn olaf johan anders nils henrik mikael astrid sigrid freya "
    "ivan dmitri sergei vladimir alexei mikhail nikolai boris igor oleg yuri olga natasha svetlana tatiana irina "
    "ekaterina anastasia jan piotr pawel krzysztof tomasz agnieszka katarzyna malgorzata zofia mohammed muhammad "
    "mohamed ahmed ali omar hassan hussein ibrahim yusuf khalid abdul fatima aisha khadija zainab maryam leila noor "
    "raj rahul amit vijay sanjay anil sunil arjun rohan priya anjali deepa kavita sunita lakshmi ananya neha pooja "
    "wei ming jing hui xiao yan mei ling hiroshi takashi kenji yuki akira sakura yoko keiko naoko minh thanh nguyen "
    "linh huong tuan kwame kofi ama chinedu ngozi chioma oluwaseun amara tunde nia jamal darnell tyrone latoya keisha "
    "shanice deshawn marcus terrell tamika shaniqua kiara imani aidan sinead siobhan niamh declan eoin fiona "
    "kirsty alistair hamish rhys gareth owen sian nigel trevor clive graham colin ian neil stuart malcolm simon "
    "bernard leonard norman stanley ralph eugene howard clarence herbert alfred ernest leroy clifford theodore "
    "edwin leon floyd cecil lester milton gilbert leslie vernon wallace sidney marvin lloyd melvin glenn dean "
    "mildred edna florence gladys thelma bernice bertha eleanor lillian marjorie phyllis lois norma irene josephine "
    "agnes esther peggy connie rita wanda tina wendy tracy sheila cindy tammy dawn crystal tiffany courtney amber "
    "brooke jasmine destiny alyssa morgan sydney haley bailey savannah trinity jade gina holly carrie kristen erica "
    "dana stacy kristin melanie allison robin vicki jill yolanda annette suzanne renee dianne arlene maureen colleen "
    "mohan ravi suresh ramesh ganesh krishna siddharth aditya karthik meera divya shreya nikhil varun tariq bilal "
    "imran faisal rashid samir nadia yasmin salma rania hana dina ramon esteban guillermo arturo alberto armando "
    "ernesto gerardo salvador rodrigo mateo santiago sebastian emilio joaquin consuelo esperanza guadalupe lourdes "
    "pilar rocio ximena itzel marisol yesenia luz graciela leticia johnny jimmy tommy danny tony mike steve dave "
    "jeff greg tim tom jim bob ron ken dan matt nick josh alex ben sam andy chris joey eddie freddie debbie cathy "
    "kathy patty becky vicky sandy judy kim liz beth meg maggie abby gabby nikki jen jess";

// Names that are words too: believed only with more around them.
constexpr std::string_view kCommon =
    "will may mark rose grant hope faith grace long young brown white black green gray grey king bell ward price wood "
    "stone hill field day summer april june august sue pat bill jack rob art dawn eve joy ivy lily daisy rich frank "
    "gene "
    "dean chase cook baker carter mason hunter fisher miller smith taylor page drew earl duke dale glen heath lance "
    "miles parker pierce ray reed rod rusty skip sterling victor wade crystal amber ruby pearl olive violet iris fern "
    "holly robin jade autumn sky star angel christian christine virginia georgia carolina dakota austin dallas "
    "houston madison jackson lincoln jordan israel paris florence sydney brook brooke branch bush flowers forest park "
    "rivers lake brooks banks marsh moss snow frost winter winters north west east south church bishop pope abbot "
    "knight noble sharp small little short strong wise good best goodman love loving case cash chance charity "
    "constance "
    "patience prudence mercy destiny trinity bond booth bowl bridge burns bright church cole cross curry dick "
    "hardy head foot hand back body bone chest early england french irish ireland holland kidney law lamb lane lord "
    "major marshal mayor minor moody neal nelson numbers orange paige penny peters power pray pride prince purple "
    "rice ring root rush sales salt sands savage self shade shell short silver spring steel still street stuart "
    "swift temple thorn told town trouble turn vance walker wall walls waters weeks wells wheat woods words worth "
    "guy hale hart hash main mann moore jean kim lam lee ban gay";

// Capitalised in headings, at the begin of sentences or as terms, and not names of patients or staff.
constexpr std::string_view kNotNames =
    "the a an and or of in on at to for from with without by as is are was were has have had be been this that these "
    "those it its he she his her they their we our you your i who whom which what when where why how if then than not "
    "no "
    "yes none unknown other all any each both new old first second third last next date time day week month year age "
    "sex "
    "male female gender dob ssn mrn id number phone fax email address street city state zip country hospital clinic "
    "center centre medical health healthcare care university department dept unit ward floor room bed emergency "
    "department surgery medicine oncology cardiology neurology radiology pediatrics psychiatry dermatology urology "
    "orthopedics gastroenterology pulmonary nephrology endocrinology hematology rheumatology pathology laboratory lab "
    "labs imaging pharmacy nursing report note notes summary history physical exam examination assessment plan "
    "diagnosis diagnoses impression findings finding recommendation recommendations discharge admission admitted "
    "discharged progress consultation consult procedure procedures operative allergies allergy medications medication "
    "meds vitals vital signs subjective objective chief complaint present illness past family social review systems "
    "record records chart account insurance policy plan group member subscriber medicare medicaid blue cross shield "
    "information education instructions follow followup visit appointment encounter service services provider "
    "physician attending doctor nurse patient patients client name signed signature electronically dictated "
    "transcribed seen reports reported denies denied states stated complains presents presented presenting notes "
    "noted continues continue given taking takes took started stop stopped general internal primary secondary acute "
    "chronic severe mild moderate normal abnormal positive negative left right bilateral upper lower anterior "
    "posterior blood pressure heart rate temperature weight height pulse respiratory oxygen glucose sodium potassium "
    "chloride calcium creatinine hemoglobin hematocrit platelet platelets white red count cell cells type stage grade "
    "factor vitamin hepatitis diabetes hypertension cancer carcinoma tumor pneumonia asthma copd infection fever pain "
    "cough nausea vomiting diarrhea headache fatigue january february march april may june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday american african european "
    "asian indian chinese japanese english french german spanish hispanic latino caucasian jewish christian catholic "
    "muslim national international association society foundation institute institutes organization academy college "
    "school office board committee council federal government administration agency bureau program project study "
    "trial research resources support network council house north south east west northern southern eastern western "
    "central please see call contact thank thanks best also however therefore because although while after before "
    "during since until about above below between through today yesterday tomorrow tonight morning afternoon evening "
    "night noon per via re regarding subject attn attention cc bcc fwd mg ml mcg kg cm mm iv im po prn bid tid qid "
    "daily weekly monthly tablet tablets capsule dose ecg ekg mri ct xray cbc bmp bp hr rr hiv aids dna rna fda cdc "
    "nih "
    "usa us uk what's can could should would may might must will shall do does did done make made use used using "
    "icu ed er or picu nicu pacu ccu hdu opd sicu micu "
    "advil tylenol motrin aleve lipitor zocor plavix coumadin lasix prozac zoloft paxil xanax ativan valium ambien "
    "an so am go my me us has him can than them there they thing those tip toe too under until very well will "
    "such sure take set side sign since six small soon still stay that time true plan post quick real same say "
    "only open over own past main many more most much nice none how hut ban bat cap car cat cut dim fan fat fun gas "
    "ham hat hay men pan pen pin sing sun ten tan war way won "
    "ms mr mrs dr md do rn np pa phd facility company corporation inc llc corp ltd bank group team section page form "
    "place places question questions answer answers example references reference table figure appendix version sir "
    "madam "
    // what laboratories report, and what records of FHIR are called
    "panel panels lipid lipids metabolic comprehensive basic hepatic renal thyroid function profile culture cultures "
    "screen screening smear serum plasma urine urinalysis hemogram automated differential antibody antibodies antigen "
    "enzyme enzymes protein proteins albumin bilirubin cholesterol triglycerides electrolytes electrolyte coagulation "
    "arterial venous tracking specimen specimens diagnostic observation composition document medication request "
    "statement immunization encounter condition episode questionnaire response";

constexpr std::string_view kEponymNouns =
    "disease diseases syndrome syndromes sign signs test tests catheter palsy lymphoma sarcoma tumor tumour reflex "
    "maneuver manoeuvre score scale criteria contracture fracture procedure operation anemia anaemia thyroiditis "
    "hernia ulcer esophagus oesophagus phenomenon dystrophy ataxia neuralgia nodule nodules position tube drain bodies "
    "body cell cells classification stage index encephalopathy nephropathy malformation law agar stain anomaly "
    "chorea gangrene granulomatosis macroglobulinemia purpura cyst paralysis dementia triad method foundation "
    "hospital clinic institute university center centre school college prize award medical";

}  // namespace

std::span<const WordList> AllWordLists() {
  static constexpr WordList kLists[] = {
      {kTitles, word::kTitle},           {kStaffTitles, word::kStaffTitle}, {kRoles, word::kRole},
      {kStaffRoles, word::kStaffRole},   {kByVerbs, word::kByVerb},         {kRelatives, word::kRelative},
      {kCredentials, word::kCredential}, {kGreetings, word::kGreeting},     {kNamings, word::kNaming},
      {kParticles, word::kParticle},     {kSuffixes, word::kSuffix},        {kWeekdays, word::kWeekday},
      {kGivenNames, word::kGivenName},   {kCommon, word::kCommon},          {kNotNames, word::kNotName},
      {kEponymNouns, word::kEponymNoun},
  };
  return kLists;
}

}  // namespace freshet::deid
